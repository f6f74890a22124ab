using System.Buffers.Binary;

namespace Habla.Interchange.Gguf;

/// <summary>
/// llama.cpp's q8_0: 32 numbers become a float16 scale d = max |x| / 127 and 32 bytes round(x / d), ties away from zero. The division uses
/// the scale before it is rounded to float16, as there.
/// </summary>
internal static class Q8Block
{
    /// <summary>Numbers in a block.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 2 + Size;

    /// <summary>Rounds a block.</summary>
    /// <param name="numbers">32 numbers.</param>
    /// <param name="block">Takes 34 bytes.</param>
    public static void Round(ReadOnlySpan<float> numbers, Span<byte> block)
    {
        float largest = 0;
        foreach (float number in numbers)
        {
            largest = Math.Max(largest, Math.Abs(number));
        }

        float scale = largest / 127f, inverse = scale == 0 ? 0 : 1f / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < Size; i++)
        {
            block[2 + i] = (byte)(sbyte)MathF.Round(numbers[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}
