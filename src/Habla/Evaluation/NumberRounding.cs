namespace Habla.Evaluation;

/// <summary>Casts to a 16-bit type and back, to the nearest number and, of two equally near, the even one.</summary>
public static class NumberRounding
{
    /// <summary>The cast of a type.</summary>
    /// <param name="type">Any type.</param>
    public static Func<float, float> Of(DriftType type) => type switch
    {
        DriftType.Fp16 => Half,
        DriftType.Bf16 => Bfloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a 16-bit type"),
    };

    /// <summary>To half precision and back; beyond 65,519.99 it gives infinity.</summary>
    /// <param name="value">Any number; NaN stays NaN.</param>
    public static float Half(float value) => (float)(Half)value;

    /// <summary>To bfloat16 and back; what rounds up beyond the largest gives infinity.</summary>
    /// <param name="value">Any number; NaN stays NaN.</param>
    public static float Bfloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return value;
        }

        // Half of the last kept bit, less one where that bit is even, so that a tie does not carry into it.
        uint bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7fff + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xffff0000);
    }
}
