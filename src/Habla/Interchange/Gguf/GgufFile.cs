using System.Buffers.Binary;
using System.Text;
using Habla.Modeling;

namespace Habla.Interchange.Gguf;

/// <summary>
/// Reads back what <see cref="GgufExport"/> wrote, with the numbers as llama.cpp takes them: float16 widened, q8_0 as scale times byte. It
/// shares no code with the writer, so that a mistake in either shows.
/// </summary>
/// <remarks>The format: github.com/ggml-org/ggml, docs/gguf.md.</remarks>
internal sealed class GgufFile : IDisposable
{
    private const int Alignment = 32, BlockNumbers = 32, BlockBytes = 34;

    private readonly BinaryReader _reader;
    private readonly Dictionary<string, (long[] Shape, uint Type, long Offset)> _tensors = [];
    private readonly long _data;

    private GgufFile(string path)
    {
        _reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        bool begins = _reader.ReadBytes(4).AsSpan().SequenceEqual("GGUF"u8) && _reader.ReadUInt32() == 3;
        Require(begins, "it does not begin as GGUF, version 3, does");
        ulong tensors = _reader.ReadUInt64(), keys = _reader.ReadUInt64();
        for (ulong i = 0; i < keys; i++)
        {
            ReadText();
            SkipValue(_reader.ReadUInt32());
        }

        for (ulong i = 0; i < tensors; i++)
        {
            string name = ReadText();
            long[] shape = new long[_reader.ReadUInt32()];
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                shape[axis] = checked((long)_reader.ReadUInt64()); // the innermost stands first
            }

            _tensors.Add(name, (shape, _reader.ReadUInt32(), checked((long)_reader.ReadUInt64())));
        }

        _data = (_reader.BaseStream.Position + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Fills a model with the weights of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">A model of the configuration that was exported.</param>
    /// <exception cref="InvalidDataException">The file does not hold the model.</exception>
    public static void ReadInto(string path, Gpt model)
    {
        using var file = new GgufFile(path);
        var weights = new ForeignWeights(model.Parameters);
        foreach (ForeignTensor tensor in GgufNames.Of(ForeignFamilies.Of(model.Config), model.Config))
        {
            Require(weights.Scatter(tensor, file.Read(tensor.Name, weights.Shape(tensor))), $"{tensor.Name} has no place in the model");
        }
    }

    public void Dispose() => _reader.Dispose();

    private float[] Read(string name, int[] shape)
    {
        Require(_tensors.TryGetValue(name, out (long[] Shape, uint Type, long Offset) tensor), $"there is no {name}");
        Require(tensor.Shape.SequenceEqual(shape.Select(size => (long)size)), $"{name} is [{string.Join(", ", tensor.Shape)}]");
        float[] numbers = new float[shape.Aggregate(1, (product, size) => checked(product * size))];
        _reader.BaseStream.Position = _data + tensor.Offset;
        switch (tensor.Type)
        {
            case 0:
                ForEach(numbers, 1, sizeof(float), (bytes, some) => some[0] = BinaryPrimitives.ReadSingleLittleEndian(bytes));
                break;
            case 1:
                ForEach(numbers, 1, 2, (bytes, some) => some[0] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes));
                break;
            case 8:
                ForEach(numbers, BlockNumbers, BlockBytes, ReadBlock);
                break;
            default:
                throw new InvalidDataException($"{name} has numbers of type {tensor.Type}");
        }

        return numbers;
    }

    private delegate void BlockReader(ReadOnlySpan<byte> bytes, Span<float> numbers);

    private void ForEach(Span<float> numbers, int blockNumbers, int blockBytes, BlockReader read)
    {
        byte[] bytes = _reader.ReadBytes(checked(numbers.Length / blockNumbers * blockBytes));
        Require(bytes.Length == numbers.Length / blockNumbers * blockBytes, "it was cut short");
        for (int block = 0; block < numbers.Length / blockNumbers; block++)
        {
            read(bytes.AsSpan(block * blockBytes, blockBytes), numbers.Slice(block * blockNumbers, blockNumbers));
        }
    }

    private static void ReadBlock(ReadOnlySpan<byte> bytes, Span<float> numbers)
    {
        float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = scale * (sbyte)bytes[2 + i];
        }
    }

    private string ReadText() => Encoding.UTF8.GetString(_reader.ReadBytes(checked((int)_reader.ReadUInt64())));

    private void SkipValue(uint type)
    {
        const uint text = 8, array = 9;
        int[] sizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]; // of a number, by its type
        if (type == text)
        {
            ReadText();
        }
        else if (type == array)
        {
            uint of = _reader.ReadUInt32();
            for (ulong count = _reader.ReadUInt64(); count > 0; count--)
            {
                SkipValue(of);
            }
        }
        else
        {
            _reader.BaseStream.Seek(sizes[type], SeekOrigin.Current);
        }
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidDataException($"the GGUF file cannot be read back: {problem}");
        }
    }
}
