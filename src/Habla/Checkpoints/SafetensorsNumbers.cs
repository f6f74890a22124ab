using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Habla.Checkpoints;

/// <summary>float32 numbers to and from the little-endian bytes of a file, in the three formats that weights come in.</summary>
internal static class SafetensorsNumbers
{
    public static bool AreFloats(SafetensorsDtype dtype) => dtype is SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16;

    /// <summary>Reads as many numbers as the destination takes.</summary>
    public static void Read(Stream stream, SafetensorsDtype dtype, Span<float> numbers)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(numbers);
        if (dtype == SafetensorsDtype.F32)
        {
            stream.ReadExactly(bytes);
            if (!BitConverter.IsLittleEndian)
            {
                Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
            }

            return;
        }

        // Read into the upper half of the destination: number i is written at or before where its two bytes stand.
        Span<byte> halves = bytes[(bytes.Length / 2)..];
        stream.ReadExactly(halves);
        for (int i = 0; i < numbers.Length; i++)
        {
            ushort bits = BinaryPrimitives.ReadUInt16LittleEndian(halves[(2 * i)..]);
            numbers[i] = dtype == SafetensorsDtype.F16 ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16);
        }
    }

    /// <summary>Writes numbers, rounded to the nearest of the format, ties to even.</summary>
    public static void Write(Stream stream, SafetensorsDtype dtype, ReadOnlySpan<float> numbers)
    {
        if (dtype == SafetensorsDtype.F32 && BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(numbers));
            return;
        }

        int size = SafetensorsDtypeNames.BytesOf(dtype);
        byte[] bytes = new byte[size * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            Span<byte> place = bytes.AsSpan(size * i);
            switch (dtype)
            {
                case SafetensorsDtype.F32:
                    BinaryPrimitives.WriteSingleLittleEndian(place, numbers[i]);
                    break;
                case SafetensorsDtype.F16:
                    BinaryPrimitives.WriteHalfLittleEndian(place, (Half)numbers[i]);
                    break;
                default:
                    BinaryPrimitives.WriteUInt16LittleEndian(place, Bfloat16(numbers[i]));
                    break;
            }
        }

        stream.Write(bytes);
    }

    private static ushort Bfloat16(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        return (ushort)(float.IsNaN(number) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
