using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Habla.Storage;
using Habla.Tensors;

namespace Habla.Interchange.Gguf;

/// <summary>
/// Writes a GGUF file, version 3, little-endian: keys and values, the list of tensors, then their numbers, each tensor at a multiple of
/// 32 bytes. The same content gives the same bytes.
/// </summary>
/// <remarks>The format: github.com/ggml-org/ggml, docs/gguf.md.</remarks>
internal static class GgufWriter
{
    private const uint Version = 3;
    private const int Alignment = 32;
    private const int NumbersAtOnce = 1 << 16;

    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors) =>
        AtomicFile.Write(path, stream => Write(stream, metadata, tensors));

    public static void Write(Stream stream, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var header = new MemoryStream();
        using (var writer = new BinaryWriter(header, Encoding.UTF8, leaveOpen: true))
        {
            WriteHeader(writer, metadata, tensors);
        }

        header.Position = 0;
        header.CopyTo(stream);
        Fill(stream, header.Length);
        foreach (GgufTensor tensor in tensors)
        {
            WriteNumbers(stream, tensor);
            Fill(stream, tensor.Bytes);
        }
    }

    private static void WriteHeader(BinaryWriter writer, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Entries.Count);
        foreach ((string key, object value) in metadata.Entries)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }

        long offset = 0;
        foreach (GgufTensor tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Count);
            foreach (int size in tensor.Shape.Reverse())
            {
                writer.Write((ulong)size);
            }

            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset += Aligned(tensor.Bytes);
        }
    }

    /// <summary>A value behind the number of its type.</summary>
    private static void WriteValue(BinaryWriter writer, object value)
    {
        const uint uint32 = 4, int32 = 5, float32 = 6, boolean = 7, text = 8, array = 9;
        switch (value)
        {
            case uint number:
                writer.Write(uint32);
                writer.Write(number);
                break;
            case float number:
                writer.Write(float32);
                writer.Write(number);
                break;
            case bool flag:
                writer.Write(boolean);
                writer.Write(flag);
                break;
            case string one:
                writer.Write(text);
                WriteText(writer, one);
                break;
            case string[] texts:
                writer.Write(array);
                writer.Write(text);
                writer.Write((ulong)texts.Length);
                Array.ForEach(texts, one => WriteText(writer, one));
                break;
            case int[] numbers:
                writer.Write(array);
                writer.Write(int32);
                writer.Write((ulong)numbers.Length);
                Array.ForEach(numbers, writer.Write);
                break;
            default:
                throw new InvalidOperationException($"no GGUF type for {value.GetType().Name}");
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteNumbers(Stream stream, GgufTensor tensor)
    {
        ReadOnlySpan<float> numbers = tensor.Data();
        byte[] buffer = new byte[sizeof(float) * NumbersAtOnce];
        for (; !numbers.IsEmpty; numbers = numbers[Math.Min(numbers.Length, NumbersAtOnce)..])
        {
            ReadOnlySpan<float> some = numbers[..Math.Min(numbers.Length, NumbersAtOnce)];
            stream.Write(buffer, 0, tensor.Type switch
            {
                GgufType.F32 => Singles(some, buffer),
                GgufType.F16 => Halves(some, buffer),
                _ => Blocks(some, buffer),
            });
        }
    }

    private static int Singles(ReadOnlySpan<float> numbers, Span<byte> bytes)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(sizeof(float) * i)..], numbers[i]);
        }

        return sizeof(float) * numbers.Length;
    }

    private static int Halves(ReadOnlySpan<float> numbers, Span<byte> bytes)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)numbers[i]);
        }

        return 2 * numbers.Length;
    }

    /// <summary>A block is its scale in float16 and then a signed byte for each of 32 numbers.</summary>
    private static int Blocks(ReadOnlySpan<float> numbers, Span<byte> bytes)
    {
        Span<sbyte> quantized = stackalloc sbyte[Q8Block.Size];
        int written = 0;
        for (; !numbers.IsEmpty; numbers = numbers[Q8Block.Size..], written += GgufTensor.BlockBytes)
        {
            Half scale = Q8Block.Quantize(numbers[..Q8Block.Size], quantized);
            BinaryPrimitives.WriteHalfLittleEndian(bytes[written..], scale);
            MemoryMarshal.AsBytes(quantized).CopyTo(bytes[(written + 2)..]);
        }

        return written;
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Fill(Stream stream, long written) => stream.Write(new byte[Aligned(written) - written]);
}
