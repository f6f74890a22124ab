namespace Habla.Tensors;

/// <summary>In what numbers the weight matrices of a model are stored for inference (<see cref="InferenceWeights"/>).</summary>
public enum WeightFormat
{
    /// <summary>As they are trained: 4 bytes a weight.</summary>
    Float32,

    /// <summary>IEEE 754 binary16, each weight rounded to the nearest: 2 bytes a weight.</summary>
    Float16,

    /// <summary>q8_0: 32 weights along <c>in</c> share a scale (<see cref="Q8Block"/>): 1 byte and a sixteenth a weight.</summary>
    Q8,
}
