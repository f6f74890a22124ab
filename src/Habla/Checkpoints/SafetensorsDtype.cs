namespace Habla.Checkpoints;

/// <summary>The number formats that a safetensors file may hold. Habla computes in <see cref="F32"/>; the others are recognized.</summary>
public enum SafetensorsDtype
{
    /// <summary>A truth value in one byte.</summary>
    Bool,

    /// <summary>An unsigned 8-bit integer.</summary>
    U8,

    /// <summary>A signed 8-bit integer.</summary>
    I8,

    /// <summary>An 8-bit float with 5 exponent bits.</summary>
    F8E5M2,

    /// <summary>An 8-bit float with 4 exponent bits.</summary>
    F8E4M3,

    /// <summary>A signed 16-bit integer.</summary>
    I16,

    /// <summary>An unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of a float32 (bfloat16).</summary>
    BF16,

    /// <summary>A signed 32-bit integer.</summary>
    I32,

    /// <summary>An unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>A signed 64-bit integer.</summary>
    I64,

    /// <summary>An unsigned 64-bit integer.</summary>
    U64,

    /// <summary>IEEE double precision.</summary>
    F64,
}
