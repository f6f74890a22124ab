using Habla.Tensors;

namespace Habla.Generation;

/// <summary>How a model is run to generate text.</summary>
public sealed record InferenceOptions
{
    /// <summary>
    /// Whether keys and values of earlier tokens are kept, so that a new token costs one row through the model; without, each token
    /// costs a pass over all it may see. Default true.
    /// </summary>
    public bool UseCache { get; init; } = true;

    /// <summary>
    /// In what numbers weight matrices and the table of tokens are stored; all else, and all arithmetic, is float32. Default float32.
    /// </summary>
    public WeightFormat Weights { get; init; }
}
