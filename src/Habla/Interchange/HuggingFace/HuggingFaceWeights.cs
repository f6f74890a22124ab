using System.Text.Json;
using Habla.Checkpoints;

namespace Habla.Interchange.HuggingFace;

/// <summary>The weights of a folder: one safetensors file, or several with an index that tells which tensor lies where.</summary>
internal sealed class HuggingFaceWeights : IDisposable
{
    public const string SingleFile = "model.safetensors", IndexFile = "model.safetensors.index.json";

    private readonly string _folder;
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileOf = new(StringComparer.Ordinal);

    private HuggingFaceWeights(string folder) => _folder = folder;

    /// <summary>The files that were opened, by name, the index first.</summary>
    public IReadOnlyList<string> FileNames { get; private set; } = [];

    /// <summary>The names of all tensors.</summary>
    public IEnumerable<string> Names => _fileOf.Keys;

    /// <summary>The formats that the tensors come in, such as F16.</summary>
    public IReadOnlyList<string> Dtypes =>
        [.. _fileOf.Keys.Select(name => SafetensorsDtypeNames.NameOf(FileOf(name)[name].Dtype)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Opens what a folder has.</summary>
    /// <exception cref="InvalidInputException">There are no such weights, or a file of them is missing or damaged.</exception>
    public static HuggingFaceWeights Open(string folder)
    {
        var weights = new HuggingFaceWeights(folder);
        try
        {
            string single = Path.Combine(folder, SingleFile), index = Path.Combine(folder, IndexFile);
            if (File.Exists(single))
            {
                weights.FileNames = [SingleFile];
                weights.AddAll(SingleFile);
            }
            else if (File.Exists(index))
            {
                weights.AddIndexed(index);
            }
            else
            {
                throw new InvalidInputException(
                    $"{folder} has neither {SingleFile} nor {IndexFile}; weights in other files, such as pytorch_model.bin, are not read: "
                    + "get the model as safetensors, or save it once more with save_pretrained");
            }

            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _fileOf.ContainsKey(name);

    /// <summary>Reads a tensor of a shape that is known.</summary>
    /// <exception cref="SafetensorsException">The tensor is missing, or has another shape or numbers that are no floats.</exception>
    public float[] Read(string name, int[] shape)
    {
        FileOf(name).ExpectShape(name, shape);
        float[] numbers = new float[shape.Aggregate(1, (product, size) => checked(product * size))];
        Read(name, shape, numbers);
        return numbers;
    }

    /// <summary>Reads a tensor of a shape that is known to where its numbers belong.</summary>
    /// <exception cref="SafetensorsException">The tensor is missing, or has another shape or numbers that are no floats.</exception>
    public void Read(string name, int[] shape, Span<float> numbers)
    {
        SafetensorsFile file = FileOf(name);
        file.ExpectShape(name, shape);
        file.Read(name, numbers);
    }

    /// <summary>How messages call the file of a tensor.</summary>
    public string PathOf(string name) => Path.Combine(_folder, _fileOf.GetValueOrDefault(name, FileNames[0]));

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile FileOf(string name) => _fileOf.TryGetValue(name, out string? file)
        ? _files[file]
        : FileNames.Count == 1
        ? _files[SingleFile]
        : throw new SafetensorsException(
            Path.Combine(_folder, IndexFile), name, "expected, but the index has none of that name",
            "Use the files that belong to this model.");

    private void AddAll(string file)
    {
        SafetensorsFile opened = SafetensorsFile.Open(Path.Combine(_folder, file));
        _files.Add(file, opened);
        foreach (SafetensorsTensor tensor in opened.Tensors)
        {
            _fileOf.Add(tensor.Name, file);
        }
    }

    private void AddIndexed(string index)
    {
        ConfigFields fields = ConfigFields.Read(index);
        if (fields["weight_map"] is not { ValueKind: JsonValueKind.Object } map)
        {
            throw fields.Bad("weight_map", "is missing; it has to name the file of each tensor");
        }

        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string file = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (file.Length == 0 || file != Path.GetFileName(file) || file is "." or "..")
            {
                throw fields.Bad("weight_map", $"places {SafetensorsException.Show(entry.Name)} in "
                    + $"'{SafetensorsException.Show(file)}', which is no name of a file beside the index");
            }

            if (!_files.TryGetValue(file, out SafetensorsFile? opened))
            {
                opened = SafetensorsFile.Open(Path.Combine(_folder, file));
                _files.Add(file, opened);
            }

            _ = opened[entry.Name];
            _fileOf[entry.Name] = file;
        }

        if (_files.Count == 0)
        {
            throw fields.Bad("weight_map", "is empty; it has to name the file of each tensor");
        }

        FileNames = [IndexFile, .. _files.Keys.Order(StringComparer.Ordinal)];
    }
}
