namespace Habla.Modeling;

/// <summary>How a row of the residual stream is normalized before attention, the feed-forward block and the head.</summary>
public enum NormKind
{
    /// <summary>LayerNorm: mean 0 and variance 1, then a learned gain and bias.</summary>
    /// <remarks>Ba, Kiros and Hinton, "Layer Normalization", 2016.</remarks>
    Layernorm,

    /// <summary>RMSNorm: mean square 1, then a learned gain; no bias.</summary>
    /// <remarks>Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.</remarks>
    Rmsnorm,
}
