namespace Habla.Interchange.Gguf;

/// <summary>How the numbers of a tensor are stored in a GGUF file; the values are the format's own.</summary>
public enum GgufType
{
    /// <summary>float32.</summary>
    F32 = 0,

    /// <summary>float16, rounded to the nearest, ties to even.</summary>
    F16 = 1,

    /// <summary>q8_0, blocks of 32 numbers: a float16 scale and 32 signed bytes.</summary>
    Q8 = 8,
}
