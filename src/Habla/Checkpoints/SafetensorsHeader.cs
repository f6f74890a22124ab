using System.Text.Json;

namespace Habla.Checkpoints;

/// <summary>
/// Reads a safetensors header and believes none of it: every number is checked before it is used, and the tensors have to tile the
/// bytes after the header exactly. That leaves no room for a second meaning (two tensors sharing bytes, bytes of nobody, two
/// entries of one name of which readers choose differently), which is how such files are abused.
/// </summary>
internal ref struct SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";
    public const string DtypeKey = "dtype";
    public const string ShapeKey = "shape";
    public const string OffsetsKey = "data_offsets";

    // Far above any real tensor; keeps a header of millions of dimensions from becoming millions of objects.
    private const int MostDimensions = 64;

    private readonly string _file;
    private readonly long _dataLength;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;
    private bool _metadataSeen;

    private SafetensorsHeader(string file, ReadOnlySpan<byte> header, long dataLength)
    {
        _file = file;
        _dataLength = dataLength;

        // A header is an object of objects of arrays: three levels.
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 3 });
    }

    /// <summary>The tensors in the order of their bytes, and the metadata.</summary>
    public static (List<SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) Parse(
        string file, ReadOnlySpan<byte> header, long dataLength)
    {
        if (header.IsEmpty || header[0] != (byte)'{')
            throw new SafetensorsException(file, null, "the header does not begin with {");
        if (!System.Text.Unicode.Utf8.IsValid(header))
            throw new SafetensorsException(file, null, "the header is not UTF-8");

        var parser = new SafetensorsHeader(file, header, dataLength);
        try
        {
            parser.ReadAll();
        }
        catch (JsonException error)
        {
            throw new SafetensorsException(
                file, null,
                $"the header is not the JSON of a safetensors file ({error.Message.TrimEnd('.')})", null, error);
        }

        return (parser.Tiled(), parser._metadata);
    }

    private void ReadAll()
    {
        _json.Read();
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string name = Text(null);
            if (name == MetadataKey)
                ReadMetadata();
            else if (!_tensors.TryAdd(name, ReadTensor(name)))
                throw Fault(name, "it stands in the header twice");
        }

        // Anything but white space after the closing brace is a JsonException.
        _json.Read();
    }

    private void ReadMetadata()
    {
        if (_metadataSeen)
            throw Fault(null, $"{MetadataKey} stands in the header twice");
        _metadataSeen = true;
        Expect(JsonTokenType.StartObject, null, $"{MetadataKey} has to be an object of texts");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = Text(null);
            Expect(JsonTokenType.String, null, $"{MetadataKey} {SafetensorsException.Show(key)} has to be a text");
            if (!_metadata.TryAdd(key, Text(null)))
                throw Fault(null, $"{MetadataKey} {SafetensorsException.Show(key)} stands there twice");
        }
    }

    private SafetensorsTensor ReadTensor(string name)
    {
        SafetensorsDtype? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(JsonTokenType.StartObject, name, "it has to be an object with dtype, shape and data_offsets");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = Text(name);
            bool twice = key switch
            {
                DtypeKey => dtype is not null,
                ShapeKey => shape is not null,
                OffsetsKey => offsets is not null,
                _ => throw Fault(name, $"its key {SafetensorsException.Show(key)} is none of dtype, shape, data_offsets"),
            };
            if (twice)
                throw Fault(name, $"its {key} stands there twice");
            if (key == DtypeKey)
                dtype = ReadDtype(name);
            else if (key == ShapeKey)
                shape = ReadWholeNumbers(name, key, MostDimensions);
            else
                offsets = ReadWholeNumbers(name, key, 2);
        }

        if (dtype is null || shape is null || offsets is null)
            throw Fault(name, $"it has no {(dtype is null ? DtypeKey : shape is null ? ShapeKey : OffsetsKey)}");
        if (offsets.Count != 2)
            throw Fault(name, "its data_offsets have to be two numbers, [begin, end]");
        return Checked(name, dtype.Value, shape, offsets[0], offsets[1]);
    }

    private SafetensorsDtype ReadDtype(string name)
    {
        Expect(JsonTokenType.String, name, "its dtype has to be a text");
        string text = Text(name);
        return SafetensorsDtypeNames.TryParse(text, out SafetensorsDtype dtype)
            ? dtype
            : throw Fault(name, $"its dtype {SafetensorsException.Show(text)} is none of {SafetensorsDtypeNames.All}");
    }

    private List<long> ReadWholeNumbers(string name, string key, int most)
    {
        Expect(JsonTokenType.StartArray, name, $"its {key} has to be a list of whole numbers");
        var numbers = new List<long>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long number) || number < 0)
                throw Fault(name, $"its {key} has to be a list of whole numbers, none negative or above {long.MaxValue}");
            if (numbers.Count == most)
                throw Fault(name, $"its {key} has more than {most} numbers");
            numbers.Add(number);
        }

        return numbers;
    }

    private readonly SafetensorsTensor Checked(string name, SafetensorsDtype dtype, List<long> shape, long begin, long end)
    {
        if (begin > end)
            throw Fault(name, $"its data_offsets run backwards, from {begin} to {end}");
        if (end > _dataLength)
        {
            throw Fault(
                name, $"its data_offsets [{begin}, {end}] reach past the file's {_dataLength} bytes of data",
                "The file was cut short, or its header lies; get it again.");
        }

        long count = 1;
        try
        {
            foreach (long size in shape)
                count = checked(count * size);
            if (checked(count * SafetensorsDtypeNames.BytesOf(dtype)) != end - begin)
            {
                throw Fault(
                    name,
                    $"[{string.Join(", ", shape)}] × {SafetensorsDtypeNames.NameOf(dtype)} takes "
                    + $"{count * SafetensorsDtypeNames.BytesOf(dtype)} bytes, its data_offsets [{begin}, {end}] give {end - begin}");
            }
        }
        catch (OverflowException)
        {
            throw Fault(name, $"the shape [{string.Join(", ", shape)}] holds more numbers than can be counted");
        }

        return new SafetensorsTensor(name, dtype, shape, count, begin, end);
    }

    private readonly List<SafetensorsTensor> Tiled()
    {
        List<SafetensorsTensor> tensors = [.. _tensors.Values];
        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)) is var order and not 0
            ? order
            : string.CompareOrdinal(a.Name, b.Name));
        long end = 0;
        string before = "the header";
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.Begin < end)
                throw Fault(tensor.Name, $"its bytes, from {tensor.Begin} on, overlap those of {before}, which end at {end}");
            if (tensor.Begin > end)
                throw Fault(tensor.Name, $"between {before} and its bytes is a hole from {end} to {tensor.Begin}");
            end = tensor.End;
            before = "tensor " + SafetensorsException.Show(tensor.Name);
        }

        return end == _dataLength
            ? tensors
            : throw Fault(null, $"{_dataLength - end} bytes after the last tensor belong to none");
    }

    private void Expect(JsonTokenType type, string? tensor, string otherwise)
    {
        _json.Read();
        if (_json.TokenType != type)
            throw Fault(tensor, otherwise);
    }

    private readonly string Text(string? tensor)
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            // The bytes are UTF-8, so this is an escaped half of a surrogate pair.
            throw new SafetensorsException(_file, tensor, "a text of the header is no valid Unicode", null, error);
        }
    }

    private readonly SafetensorsException Fault(string? tensor, string problem, string? advice = null) =>
        new(_file, tensor, problem, advice);
}
