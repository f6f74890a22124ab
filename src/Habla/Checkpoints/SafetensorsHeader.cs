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

    /// <summary>The tensors in the order of their bytes, the same by name, and the metadata.</summary>
    public static (List<SafetensorsTensor> Tensors, Dictionary<string, SafetensorsTensor> ByName, Dictionary<string, string> Metadata)
        Parse(string file, ReadOnlySpan<byte> header, long dataLength)
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

        return (parser.Tiled(), parser._tensors, parser._metadata);
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
        if (!Next(JsonTokenType.StartObject))
            throw Fault(null, $"{MetadataKey} has to be an object of texts");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = Text(null);
            if (!Next(JsonTokenType.String))
                throw Fault(null, $"{MetadataKey} {SafetensorsException.Show(key)} has to be a text");
            if (!_metadata.TryAdd(key, Text(null)))
                throw Fault(null, $"{MetadataKey} {SafetensorsException.Show(key)} stands there twice");
        }
    }

    private SafetensorsTensor ReadTensor(string name)
    {
        SafetensorsDtype? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        if (!Next(JsonTokenType.StartObject))
            throw Fault(name, "it has to be an object with dtype, shape and data_offsets");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = Text(name, DtypeKey, ShapeKey, OffsetsKey);
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
        if (!Next(JsonTokenType.String))
            throw Fault(name, "its dtype has to be a text");
        string text = Text(name, SafetensorsDtypeNames.Each);
        return SafetensorsDtypeNames.TryParse(text, out SafetensorsDtype dtype)
            ? dtype
            : throw Fault(name, $"its dtype {SafetensorsException.Show(text)} is none of {SafetensorsDtypeNames.All}");
    }

    private List<long> ReadWholeNumbers(string name, string key, int most)
    {
        if (!Next(JsonTokenType.StartArray))
            throw Fault(name, $"its {key} has to be a list of whole numbers");
        var numbers = new List<long>(capacity: 2);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            // No sign at all: other readers differ on whether -0 is a whole number.
            if (_json.TokenType != JsonTokenType.Number || _json.ValueSpan[0] == (byte)'-' || !_json.TryGetInt64(out long number))
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

        // A zero anywhere must not hide an overflow: who multiplies the sizes in another order, or makes strides of them, would meet it.
        long count = 1, withoutZeros = 1;
        try
        {
            foreach (long size in shape)
            {
                withoutZeros = checked(withoutZeros * Math.Max(size, 1));
                count *= size;
            }

            _ = checked(withoutZeros * SafetensorsDtypeNames.BytesOf(dtype));
            if (count * SafetensorsDtypeNames.BytesOf(dtype) != end - begin)
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
        SafetensorsTensor? before = null;
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.Begin < end)
                throw Fault(tensor.Name, $"its bytes, from {tensor.Begin} on, overlap those of {Named(before)}, which end at {end}");
            if (tensor.Begin > end)
                throw Fault(tensor.Name, $"between {Named(before)} and its bytes is a hole from {end} to {tensor.Begin}");
            end = tensor.End;
            before = tensor;
        }

        return end == _dataLength
            ? tensors
            : throw Fault(null, $"{_dataLength - end} bytes after the last tensor belong to none");

        static string Named(SafetensorsTensor? tensor) =>
            tensor is null ? "the header" : "tensor " + SafetensorsException.Show(tensor.Name);
    }

    private bool Next(JsonTokenType type)
    {
        _json.Read();
        return _json.TokenType == type;
    }

    /// <summary>The text at hand; the object given when it is one of those expected, so that common words cost no memory.</summary>
    private readonly string Text(string? tensor, params ReadOnlySpan<string> expected)
    {
        try
        {
            foreach (string text in expected)
            {
                if (_json.ValueTextEquals(text))
                    return text;
            }

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
