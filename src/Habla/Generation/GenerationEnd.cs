namespace Habla.Generation;

/// <summary>Why a text is not longer.</summary>
public enum GenerationEnd
{
    /// <summary>It has as many tokens as were asked for.</summary>
    MaximumTokens,

    /// <summary>The model said a token that ends a text.</summary>
    StopToken,

    /// <summary>The model said a stop string.</summary>
    StopText,

    /// <summary>It was told to stop.</summary>
    Cancelled,
}
