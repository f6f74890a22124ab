namespace Habla.Tensors;

/// <summary>How a <see cref="Tape"/> stores what its operations make. Every sum is a float32 sum in each of them.</summary>
public enum ActivationFormat
{
    /// <summary>IEEE 754 binary32, 4 bytes: the numbers as they were computed.</summary>
    Float32,

    /// <summary>bfloat16, 2 bytes: the upper half of a float32, so all of its range with 8 significant bits.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16, 2 bytes: 11 significant bits, from 6·10⁻⁸ to 65,504.</summary>
    Float16,
}
