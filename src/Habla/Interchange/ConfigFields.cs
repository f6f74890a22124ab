using System.Text.Json;

namespace Habla.Interchange;

/// <summary>The fields of a JSON file of another program, each read as what it has to be; messages name the file and the key.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Json">The object.</param>
internal readonly record struct ConfigFields(string Path, JsonElement Json)
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file is missing, or no JSON object.</exception>
    public static ConfigFields Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigFields(path, document.RootElement.Clone())
                : throw new JsonException("it is no object");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidInputException($"{path}: cannot be read as JSON ({error.Message.TrimEnd('.')}); get the file again", error);
        }
    }

    /// <summary>A value; null when it is null or missing.</summary>
    public JsonElement? this[string key] => Json.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null
        ? value
        : null;

    public int Integer(string key, int? otherwise = null) => this[key] switch
    {
        null => otherwise ?? throw Bad(key, "is missing; it has to be a whole number"),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => number,
        { } value => throw Bad(key, $"is {value.GetRawText()}; it has to be a whole number"),
    };

    public double Number(string key, double otherwise) => this[key] switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        { } value => throw Bad(key, $"is {value.GetRawText()}; it has to be a number"),
    };

    public bool Flag(string key, bool otherwise) => this[key] switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } value => throw Bad(key, $"is {value.GetRawText()}; it has to be true or false"),
    };

    public string Text(string key, string otherwise) => this[key] switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        { } value => throw Bad(key, $"is {value.GetRawText()}; it has to be a text"),
    };

    /// <summary>Refuses a flag that asks for what is computed differently here.</summary>
    public void RequireFlag(string key, bool expected)
    {
        if (Flag(key, expected) != expected)
        {
            throw Bad(key, $"is {(expected ? "false" : "true")}, which Habla does not compute; only models with "
                + $"{(expected ? "true" : "false")} can be imported");
        }
    }

    /// <summary>What to say of a field that cannot be used.</summary>
    /// <param name="key">The field.</param>
    /// <param name="problem">What is wrong with it, and what would be right.</param>
    public InvalidInputException Bad(string key, string problem) => new($"{Path}: {key} {problem}");
}
