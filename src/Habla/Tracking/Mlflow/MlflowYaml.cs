using System.Globalization;
using System.Text;
using System.Text.Json;
using Habla.Storage;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Habla.Tracking.Mlflow;

/// <summary>A file store's <c>meta.yaml</c>: names and plain values, sorted as MLflow writes them.</summary>
internal static class MlflowYaml
{
    /// <summary>Writes the file, atomically.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="values">Text, numbers, null or an empty list, by name.</param>
    public static void Write(string path, SortedDictionary<string, object?> values)
    {
        var yaml = new StringBuilder();
        foreach ((string name, object? value) in values)
        {
            yaml.Append(name).Append(": ").Append(Written(value)).Append('\n');
        }

        AtomicFile.WriteText(path, yaml.ToString());
    }

    /// <summary>Reads the file; null when it is missing or no such thing.</summary>
    /// <param name="path">The file.</param>
    public static SortedDictionary<string, object?>? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(File.ReadAllText(path)));
        }
        catch (YamlException)
        {
            return null;
        }

        return stream.Documents is [{ RootNode: YamlMappingNode map }, ..]
            ? new SortedDictionary<string, object?>(
                map.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => Value(pair.Value)), StringComparer.Ordinal)
            : null;
    }

    // A JSON string is a YAML string in double quotes, so that no text can be taken for a number, a date or null.
    private static string Written(object? value) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text, JsonFormat.Line),
        long number => number.ToString(CultureInfo.InvariantCulture),
        int number => number.ToString(CultureInfo.InvariantCulture),
        _ => "[]",
    };

    private static object? Value(YamlNode node) => node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain } plain => plain.Value is null or "" or "null" or "~" ? null
            : long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
            : plain.Value,
        YamlScalarNode text => text.Value,
        _ => Array.Empty<string>(),
    };
}
