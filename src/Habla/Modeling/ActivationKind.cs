namespace Habla.Modeling;

/// <summary>The nonlinearity between the layers of the feed-forward block.</summary>
public enum ActivationKind
{
    /// <summary>GELU, exact: x·Φ(x) through the error function.</summary>
    /// <remarks>Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.</remarks>
    Gelu,

    /// <summary>GELU through tanh, the approximation that GPT-2 was trained with.</summary>
    GeluTanh,

    /// <summary>SwiGLU: silu(gate)∘up, with a layer more, the gate, beside the one up.</summary>
    /// <remarks>Shazeer, "GLU Variants Improve Transformer", 2020.</remarks>
    Swiglu,
}
