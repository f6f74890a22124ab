using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>A number format of 16 bits: how its patterns become float32 numbers, and float32 numbers its patterns.</summary>
internal interface ISixteenBitFormat
{
    /// <summary>The number of each pattern, exactly. Patterns are the lower halves of the lanes, whose upper halves are zero.</summary>
    static abstract Vector512<float> Widen(Vector512<uint> patterns);

    /// <summary>The pattern of the nearest number, of two the one with an even last bit; a NaN stays one.</summary>
    static abstract Vector512<uint> Round(Vector512<float> numbers);
}

/// <summary>bfloat16: the upper half of a float32. Rounding is integer arithmetic alone.</summary>
internal readonly struct BFloat16Format : ISixteenBitFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> patterns) => (patterns << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Round(Vector512<float> numbers)
    {
        Vector512<uint> bits = numbers.AsUInt32();
        Vector512<int> magnitude = (bits & Vector512.Create(0x7FFF_FFFFu)).AsInt32();
        Vector512<uint> isNaN = Vector512.GreaterThan(magnitude, Vector512.Create(0x7F80_0000)).AsUInt32();

        // What carries over makes the exponent one larger, up to infinity: that is what rounding up means.
        Vector512<uint> nearest = bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One);
        Vector512<uint> quiet = bits | Vector512.Create(0x0040_0000u);
        return Vector512.ConditionalSelect(isNaN, quiet, nearest) >> 16;
    }
}

/// <summary>
/// IEEE 754 binary16. .NET has no vector conversion of it that every processor shares, so this is integer arithmetic and one float32
/// addition that rounds as IEEE 754 says.
/// </summary>
internal readonly struct Float16Format : ISixteenBitFormat
{
    private const uint ExponentShift = (127 - 15) << 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> patterns)
    {
        Vector512<uint> sign = (patterns & Vector512.Create(0x8000u)) << 16;
        Vector512<uint> magnitude = (patterns & Vector512.Create(0x7FFFu)) << 13;
        Vector512<uint> exponent = magnitude & Vector512.Create(0x0F80_0000u);
        Vector512<uint> normal = magnitude + Vector512.Create(ExponentShift);
        Vector512<uint> special = normal + Vector512.Create(ExponentShift); // infinity and NaN: the largest exponent of a float32

        // A denormal has no hidden bit: as 2⁻¹⁴ + itself it has one, and then 2⁻¹⁴ is taken away again.
        Vector512<float> least = Vector512.Create(1f / (1 << 14));
        Vector512<uint> denormal = ((normal + Vector512.Create(1u << 23)).AsSingle() - least).AsUInt32();
        Vector512<uint> isSpecial = Vector512.Equals(exponent, Vector512.Create(0x0F80_0000u));
        Vector512<uint> isDenormal = Vector512.Equals(exponent, Vector512<uint>.Zero);
        Vector512<uint> finite = Vector512.ConditionalSelect(isDenormal, denormal, normal);
        return (Vector512.ConditionalSelect(isSpecial, special, finite) | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Round(Vector512<float> numbers)
    {
        Vector512<uint> bits = numbers.AsUInt32(), magnitude = bits & Vector512.Create(0x7FFF_FFFFu);
        Vector512<int> compared = magnitude.AsInt32();

        // From 2⁻¹⁴ on; what carries over makes the exponent one larger, and from 65,520 on infinity.
        Vector512<uint> normal =
            (magnitude + Vector512.Create(unchecked(0xFFFu - ExponentShift)) + ((magnitude >> 13) & Vector512<uint>.One)) >> 13;

        // Below, ½ + x has the denormal in its last bits, rounded by the addition.
        Vector512<uint> denormal = (magnitude.AsSingle() + Vector512.Create(0.5f)).AsUInt32() - Vector512.Create(0x3F00_0000u);
        Vector512<uint> isDenormal = Vector512.LessThan(compared, Vector512.Create(0x3880_0000)).AsUInt32();
        Vector512<uint> isLarge = Vector512.GreaterThanOrEqual(compared, Vector512.Create(0x4780_0000)).AsUInt32();
        Vector512<uint> isNaN = Vector512.GreaterThan(compared, Vector512.Create(0x7F80_0000)).AsUInt32();
        Vector512<uint> large = Vector512.ConditionalSelect(isNaN, Vector512.Create(0x7E00u), Vector512.Create(0x7C00u));
        Vector512<uint> pattern = Vector512.ConditionalSelect(isLarge, large, Vector512.ConditionalSelect(isDenormal, denormal, normal));
        return pattern | ((bits >> 16) & Vector512.Create(0x8000u));
    }
}
