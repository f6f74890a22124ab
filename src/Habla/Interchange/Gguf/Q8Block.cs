using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Habla.Interchange.Gguf;

/// <summary>
/// llama.cpp's q8_0 as bytes: the float16 scale, then 32 signed bytes. The numbers are those that inference with q8_0 has
/// (<see cref="Tensors.Q8Block"/>).
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
        Half scale = Tensors.Q8Block.Quantize(numbers[..Size], MemoryMarshal.Cast<byte, sbyte>(block[2..]));
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
    }
}
