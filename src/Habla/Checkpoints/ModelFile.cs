using System.Text.Json;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors;

namespace Habla.Checkpoints;

/// <summary>
/// A model as one safetensors file: every parameter under its name, the model's configuration in the metadata, and a tied head as
/// an alias there. The file holds no time, host or thread count, so equal weights give equal bytes.
/// </summary>
public static class ModelFile
{
    /// <summary>What the metadata's "format" says; another version of the layout would have another number.</summary>
    public const string Format = "habla.gpt/1";

    // Four projections of attention and two layers of feed-forward; blocks of one number each would be dear otherwise.
    private const int LeastTensorsOfBlock = 6;

    private const string FormatKey = "format", ConfigKey = "config";

    /// <summary>Writes a model's weights, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="model">The model.</param>
    public static void Save(string path, Gpt model)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Write(path, Entries(model), Metadata(model));
    }

    /// <summary>The SHA-256 of the file that <see cref="Save"/> would write; nothing is written.</summary>
    /// <param name="model">The model.</param>
    public static string HashOf(Gpt model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ContentHash.OfWritten(stream => Write(stream, model, model.Parameters.Data));
    }

    /// <summary>Writes the same bytes to a stream, from weights that may lie elsewhere than in the model.</summary>
    internal static void Write(Stream stream, Gpt model, SpanOf weights) =>
        SafetensorsWriter.Write(stream, Entries(model.Parameters, "", weights), Metadata(model));

    /// <summary>Builds the model that a file describes and fills it.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <exception cref="SafetensorsException">The file is not sound, or not a Habla model.</exception>
    public static Gpt Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return Load(file, path);
    }

    /// <summary>The same from a file that is open.</summary>
    internal static Gpt Load(SafetensorsFile file, string path)
    {
        GptConfig config = ReadConfig(file, path);
        RefuseMoreThanIsThere(file, path, config);
        var model = new Gpt(config);
        try
        {
            LoadInto(file, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills a model's parameters from a file; on failure the model's weights are undefined.</summary>
    /// <param name="path">A safetensors file with exactly the model's parameters.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="SafetensorsException">The file is not sound, or a tensor is missing, unknown or of another shape.</exception>
    public static void LoadInto(string path, Gpt model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        LoadInto(file, model);
    }

    /// <summary>The same from a file that is open.</summary>
    internal static void LoadInto(SafetensorsFile file, Gpt model)
    {
        file.ExpectNoOther(model.Parameters.Parameters.Select(parameter => parameter.Name));
        Fill(file, model.Parameters, "", model.Parameters.Data);
    }

    /// <summary>What <see cref="Save"/> writes.</summary>
    internal static List<SafetensorsEntry> Entries(Gpt model) => Entries(model.Parameters, "", model.Parameters.Data);

    internal static List<SafetensorsEntry> Entries(ParameterSet parameters, string prefix, SpanOf data) =>
        [.. parameters.Parameters.Select(parameter => new SafetensorsEntry(
            prefix + parameter.Name, Dimensions(parameter.Shape), () => data(parameter)))];

    internal static void Fill(SafetensorsFile file, ParameterSet parameters, string prefix, SpanOf data)
    {
        foreach (Parameter parameter in parameters.Parameters)
        {
            file.Expect(prefix + parameter.Name, Dimensions(parameter.Shape));
        }

        foreach (Parameter parameter in parameters.Parameters)
        {
            file.Read(prefix + parameter.Name, data(parameter));
        }
    }

    /// <summary>Where the numbers of a parameter are: those of the set itself, or of a buffer with its layout.</summary>
    internal delegate Span<float> SpanOf(Parameter parameter);

    private static Dictionary<string, string> Metadata(Gpt model)
    {
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [ConfigKey] = JsonSerializer.Serialize(model.Config, JsonFormat.Line),
        };
        if (model.Config.TieEmbeddings)
        {
            metadata[ParameterNames.Head] = ParameterNames.TokenEmbedding;
        }

        return metadata;
    }

    private static GptConfig ReadConfig(SafetensorsFile file, string path)
    {
        if (!file.Metadata.TryGetValue(FormatKey, out string? format) || format != Format
            || !file.Metadata.TryGetValue(ConfigKey, out string? json))
        {
            throw new SafetensorsException(
                path, null, $"the metadata names format '{format ?? "none"}', but '{Format}' was expected",
                "Use the weights.safetensors of a Habla run, or bring another program's model in with habla import.");
        }

        try
        {
            GptConfig config = JsonSerializer.Deserialize<GptConfig>(json, JsonFormat.Line)
                ?? throw new JsonException("the configuration is null");
            config.Validate();
            return config;
        }
        catch (Exception error) when (error is JsonException or InvalidInputException)
        {
            throw new SafetensorsException(
                path, null, $"the configuration in the metadata cannot be used ({error.Message.TrimEnd('.')})",
                "Use the weights.safetensors of a Habla run.", error);
        }
    }

    /// <summary>
    /// Called before any memory is asked for: the configuration is only a text in the file, while its tensors are really there.
    /// </summary>
    private static void RefuseMoreThanIsThere(SafetensorsFile file, string path, GptConfig config)
    {
        long numbers = file.Tensors.Where(tensor => tensor.Dtype == SafetensorsDtype.F32).Sum(tensor => tensor.ElementCount);
        if (numbers != config.ParameterCount)
        {
            RefuseMissing(file, config);
            throw new SafetensorsException(
                path, null,
                $"the tensors hold {numbers} float32 numbers, but the configuration in the metadata describes {config.ParameterCount}",
                "Use the weights.safetensors of a Habla run.");
        }

        if (file.Tensors.Count < LeastTensorsOfBlock * (long)config.LayerCount)
        {
            throw new SafetensorsException(
                path, null, $"{file.Tensors.Count} tensors cannot be the {config.LayerCount} blocks of the configuration in the metadata",
                "Use the weights.safetensors of a Habla run.");
        }
    }

    /// <summary>
    /// Names a tensor that is not there, of a file that has half of them or more; others are not described by naming one. The layout costs
    /// memory for names alone, and no more of them than twice the file's.
    /// </summary>
    private static void RefuseMissing(SafetensorsFile file, GptConfig config)
    {
        if (2L * file.Tensors.Count >= LeastTensorsOfBlock * (long)config.LayerCount)
        {
            using var layout = new Gpt(config);
            foreach (Parameter parameter in layout.Parameters.Parameters)
            {
                file.Expect(parameter.Name, Dimensions(parameter.Shape));
            }
        }
    }

    private static int[] Dimensions(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];
}
