using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Habla.Storage;

/// <summary>
/// The one way Habla writes JSON: snake_case keys, letters of every language as themselves, invariant numbers,
/// and "\n" line ends, so that the same values give the same bytes on every machine.
/// </summary>
public static class JsonFormat
{
    /// <summary>One object a line, for logs and JSON Lines.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

    /// <summary>Indented, for files that people open.</summary>
    public static JsonSerializerOptions Document { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = indented,
        NewLine = "\n",
    };

    /// <summary>Writes a value as an indented JSON file, atomically.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="value">What to write.</param>
    public static void WriteFile<T>(string path, T value) =>
        AtomicFile.Write(path, stream =>
        {
            JsonSerializer.Serialize(stream, value, Document);
            stream.WriteByte((byte)'\n');
        });

    /// <summary>Reads what <see cref="WriteFile"/> wrote.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="otherwise">What to say of a file that is missing or something else, such as "this holds no training results".</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or is no such value.</exception>
    public static T ReadFile<T>(string path, string otherwise)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Document) ?? throw new JsonException("null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidInputException($"{path}: {otherwise}: {error.Message}", error);
        }
    }
}
