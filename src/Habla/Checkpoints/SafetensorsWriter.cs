using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Checkpoints;

/// <summary>
/// Writes tensors as a safetensors file: eight bytes with the header's length, the header in JSON, then the numbers, all
/// little-endian. The same tensors and metadata give the same bytes everywhere: tensors stand in the order given, metadata keys are
/// sorted, spaces fill the header up to a multiple of 8 (so that every number is aligned), and no time or host is written.
/// </summary>
/// <remarks>The format: github.com/huggingface/safetensors, "Format".</remarks>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int NumbersAtOnce = 1 << 18;

    // Only ASCII goes out as itself: which other letters an encoder lets through may change with the Unicode version of .NET.
    private static readonly JsonWriterOptions HeaderFormat = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">The tensors in the order in which they shall lie in the file.</param>
    /// <param name="metadata">Texts kept in the header under <c>__metadata__</c>; left out when empty.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a shape does not fit its numbers.</exception>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, tensors));
    }

    /// <summary>Writes the same bytes to a stream.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <param name="tensors">The tensors in the order in which they shall lie in the file.</param>
    /// <param name="metadata">Texts kept in the header under <c>__metadata__</c>; left out when empty.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a shape does not fit its numbers.</exception>
    public static void Write(
        Stream stream, IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, Header(tensors, metadata), tensors);
    }

    private static void Write(Stream stream, byte[] header, IReadOnlyList<SafetensorsEntry> tensors)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (SafetensorsEntry tensor in tensors)
        {
            ReadOnlySpan<float> numbers = tensor.Data();
            for (; !numbers.IsEmpty; numbers = numbers[Math.Min(numbers.Length, NumbersAtOnce)..])
            {
                SafetensorsNumbers.Write(stream, tensor.Dtype, numbers[..Math.Min(numbers.Length, NumbersAtOnce)]);
            }
        }
    }

    private static byte[] Header(IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, HeaderFormat))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteTensors(json, tensors);
            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || metadata.Count == 0)
            return;
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, IReadOnlyList<SafetensorsEntry> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        long offset = 0;
        foreach (SafetensorsEntry tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"a second tensor is named {tensor.Name}", nameof(tensors));
            if (!SafetensorsNumbers.AreFloats(tensor.Dtype))
                throw new ArgumentException($"tensor {tensor.Name}: {tensor.Dtype} is not F32, F16 or BF16", nameof(tensors));
            int count = tensor.Data().Length;
            if (count != Count(tensor))
            {
                throw new ArgumentException(
                    $"tensor {tensor.Name}: shape [{string.Join(", ", tensor.Shape)}] does not fit its {count} numbers", nameof(tensors));
            }

            json.WriteStartObject(tensor.Name);
            json.WriteString(SafetensorsHeader.DtypeKey, SafetensorsDtypeNames.NameOf(tensor.Dtype));
            json.WriteStartArray(SafetensorsHeader.ShapeKey);
            foreach (int size in tensor.Shape)
                json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray(SafetensorsHeader.OffsetsKey);
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += count * (long)SafetensorsDtypeNames.BytesOf(tensor.Dtype));
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static long Count(SafetensorsEntry tensor)
    {
        long count = 1;
        foreach (int size in tensor.Shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size);
            count = checked(count * size);
        }

        return count;
    }
}
