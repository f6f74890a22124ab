namespace Habla.Generation;

/// <summary>How a model is run to generate text.</summary>
public sealed record InferenceOptions
{
    /// <summary>
    /// Whether keys and values of earlier tokens are kept, so that a new token costs one row through the model; without, each token
    /// costs a pass over all it may see. Default true.
    /// </summary>
    public bool UseCache { get; init; } = true;
}
