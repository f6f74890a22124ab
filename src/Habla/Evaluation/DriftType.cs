namespace Habla.Evaluation;

/// <summary>A 16-bit type that numbers are cast to and back.</summary>
public enum DriftType
{
    /// <summary>IEEE 754 half precision: 11 significant bits, up to 65,504; smaller than 6e-8 becomes 0.</summary>
    Fp16,

    /// <summary>bfloat16, the upper half of a float32: 8 significant bits, the range of float32.</summary>
    Bf16,
}
