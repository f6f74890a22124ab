namespace Habla.Tensors.Tests.Reference;

/// <summary>16-bit formats one number at a time.</summary>
internal static partial class Twin
{
    /// <summary>The upper half of a float32, to the nearest and of two to the even one: by looking at what is cut off.</summary>
    public static ushort RoundToBFloat16(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        uint kept = bits >> 16, cut = bits & 0xFFFF;
        if (float.IsNaN(number))
        {
            return (ushort)(kept | 0x40);
        }

        bool up = cut > 0x8000 || (cut == 0x8000 && (kept & 1) == 1);
        return (ushort)(up ? kept + 1 : kept);
    }

    public static float WidenBFloat16(ushort pattern) => BitConverter.UInt32BitsToSingle((uint)pattern << 16);

    /// <summary>The runtime's binary16; of a NaN only that it is one, and its sign.</summary>
    public static ushort RoundToFloat16(float number) => float.IsNaN(number)
        ? (ushort)(0x7E00 | (float.IsNegative(number) ? 0x8000 : 0))
        : BitConverter.HalfToUInt16Bits((Half)number);

    public static float WidenFloat16(ushort pattern) => (float)BitConverter.UInt16BitsToHalf(pattern);
}
