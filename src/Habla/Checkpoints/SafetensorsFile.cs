using System.Buffers.Binary;

namespace Habla.Checkpoints;

/// <summary>
/// A safetensors file open for reading. Opening reads and checks the header alone; numbers are read a tensor at a time into memory
/// the caller owns, so a file never makes us allocate more than a small multiple of the header that it really has.
/// </summary>
/// <remarks>The format: github.com/huggingface/safetensors, "Format". One reader serves one thread at a time.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The longest header that is read, in bytes; the reference implementation has the same bound.</summary>
    public const long LongestHeader = 100_000_000;

    private const int NumbersAtOnce = 1 << 20;

    private readonly string _name;
    private readonly Stream _stream;
    private readonly long _dataBegin;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(
        string name, Stream stream, long dataBegin, List<SafetensorsTensor> tensors, Dictionary<string, SafetensorsTensor> byName,
        Dictionary<string, string> metadata)
    {
        _name = name;
        _stream = stream;
        _dataBegin = dataBegin;
        _byName = byName;
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>What the file holds, in the order of the bytes.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>The texts under <c>__metadata__</c>; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SafetensorsException">The file is not there, cannot be read, or is no sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream stream;
        try
        {
            // No buffer: the header is read in one piece and tensors go straight to their destination.
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SafetensorsException(
                path, null, $"cannot be opened ({error.Message.TrimEnd('.')})",
                "Check the path and that you may read it.", error);
        }

        return Open(stream, path);
    }

    /// <summary>Opens what a stream holds.</summary>
    /// <param name="stream">A stream that can seek; read from its beginning, and closed with this object or when opening fails.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="SafetensorsException">The content is no sound safetensors file.</exception>
    public static SafetensorsFile Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return OpenChecked(stream, name);
        }
        catch (IOException error)
        {
            stream.Dispose();
            throw Unreadable(name, null, error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="SafetensorsException">The file has none of that name.</exception>
    public SafetensorsTensor this[string name] => _byName.TryGetValue(name, out SafetensorsTensor? tensor)
        ? tensor
        : throw new SafetensorsException(
            _name, name, "expected, but the file has none of that name",
            $"It has {SomeNames()}. Use the file that belongs to this model.");

    /// <summary>Whether the file has a tensor of a name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>Checks that a tensor is there with the shape that is needed.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The sizes of its dimensions.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="SafetensorsException">The tensor is missing, has another shape, or holds numbers other than float32.</exception>
    public SafetensorsTensor Expect(string name, params ReadOnlySpan<int> shape)
    {
        SafetensorsTensor tensor = ExpectShape(name, shape);
        if (tensor.Dtype != SafetensorsDtype.F32)
        {
            throw new SafetensorsException(
                _name, tensor.Name, $"dtype F32 expected, file has {SafetensorsDtypeNames.NameOf(tensor.Dtype)}",
                "Convert the file to float32 first.");
        }

        return tensor;
    }

    /// <summary>Checks that a tensor is there with the shape that is needed, whatever its numbers are.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The sizes of its dimensions.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="SafetensorsException">The tensor is missing or has another shape.</exception>
    public SafetensorsTensor ExpectShape(string name, params ReadOnlySpan<int> shape)
    {
        SafetensorsTensor tensor = this[name];
        bool same = tensor.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
            same = tensor.Shape[i] == shape[i];
        return same
            ? tensor
            : throw new SafetensorsException(
                _name, name, $"shape [{string.Join(", ", shape.ToArray())}] expected, file has {tensor.ShapeText}",
                "The file belongs to a model of other sizes; use its own configuration, or another file.");
    }

    /// <summary>Checks that the file has no tensor besides those of the given names.</summary>
    /// <param name="names">The names that are known.</param>
    /// <exception cref="SafetensorsException">The file has one more.</exception>
    public void ExpectNoOther(IEnumerable<string> names)
    {
        var known = new HashSet<string>(names, StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in Tensors)
        {
            if (!known.Contains(tensor.Name))
            {
                throw new SafetensorsException(
                    _name, tensor.Name, "not expected",
                    "This model has none of that name; use the file that belongs to it.");
            }
        }
    }

    /// <summary>Reads a tensor's numbers; float16 and bfloat16 become float32, which holds each of them exactly.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">Takes the numbers in row-major order; exactly as long as the tensor.</param>
    /// <exception cref="SafetensorsException">
    /// The tensor is missing, has another number of elements, holds other than F32, F16 or BF16, or the file has changed since it was
    /// opened.
    /// </exception>
    public void Read(string name, Span<float> destination)
    {
        SafetensorsTensor tensor = this[name];
        if (tensor.ElementCount != destination.Length)
        {
            throw new SafetensorsException(
                _name, name, $"{destination.Length} numbers expected, file has {tensor.ElementCount}",
                "Use the file that belongs to this model.");
        }

        if (!SafetensorsNumbers.AreFloats(tensor.Dtype))
        {
            throw new SafetensorsException(
                _name, tensor.Name, $"dtype F32, F16 or BF16 expected, file has {SafetensorsDtypeNames.NameOf(tensor.Dtype)}",
                "Convert the file to float32 first.");
        }

        try
        {
            _stream.Position = _dataBegin + tensor.Begin;
            for (; !destination.IsEmpty; destination = destination[Math.Min(destination.Length, NumbersAtOnce)..])
                SafetensorsNumbers.Read(_stream, tensor.Dtype, destination[..Math.Min(destination.Length, NumbersAtOnce)]);
        }
        catch (IOException error)
        {
            throw Unreadable(_name, name, error);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private static SafetensorsFile OpenChecked(Stream stream, string name)
    {
        const int lengthBytes = sizeof(ulong);
        long fileLength = stream.Length;
        if (fileLength < lengthBytes)
            throw new SafetensorsException(name, null, $"{fileLength} bytes are too few for a safetensors file");

        stream.Position = 0;
        Span<byte> prefix = stackalloc byte[lengthBytes];
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > LongestHeader)
        {
            throw new SafetensorsException(
                name, null,
                $"a header of {headerLength} bytes is announced, more than the {LongestHeader} that are allowed");
        }

        if ((long)headerLength > fileLength - lengthBytes)
        {
            throw new SafetensorsException(
                name, null, $"a header of {headerLength} bytes is announced, but only {fileLength - lengthBytes} follow",
                "The file was cut short; get it again.");
        }

        // Allocated only now: so many bytes are really there.
        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        long dataBegin = lengthBytes + (long)headerLength;
        var (tensors, byName, metadata) = SafetensorsHeader.Parse(name, header, fileLength - dataBegin);
        return new SafetensorsFile(name, stream, dataBegin, tensors, byName, metadata);
    }

    private string SomeNames()
    {
        const int shown = 5;
        string names = string.Join(", ", Tensors.Take(shown).Select(tensor => SafetensorsException.Show(tensor.Name)));
        return Tensors.Count switch { 0 => "no tensors", <= shown => names, _ => $"{names} and {Tensors.Count - shown} more" };
    }

    private static SafetensorsException Unreadable(string file, string? tensor, IOException error) =>
        new(file, tensor, $"cannot be read ({error.Message.TrimEnd('.')})",
        "The file changed or its disk failed while it was read; try again.", error);
}
