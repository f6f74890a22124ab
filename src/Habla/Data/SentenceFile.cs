using System.Globalization;
using System.Text.Json;

namespace Habla.Data;

/// <summary>
/// Reads JSON Lines as sentences: an object a line with "text", and where there are any "id", "spanish" and "label". Other keys,
/// such as the grammar columns of the verb corpus, are passed over.
/// </summary>
public static class SentenceFile
{
    /// <summary>Reads all rows in file order; blank lines are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">
    /// The file is missing, empty or has a bad line; file, line and what was expected are named.
    /// </exception>
    public static IReadOnlyList<SentenceRow> Read(string path)
    {
        var rows = new List<SentenceRow>();
        int number = 0;
        foreach (string line in TextFile.Read(path).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                rows.Add(ReadRow(line, path, number));
            }
        }

        return rows.Count > 0 ? rows : throw new InvalidInputException($"{path}: holds no rows; expected a JSON object a line.");
    }

    private static SentenceRow ReadRow(string line, string path, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw BadLine(path, number, $"expected a JSON object, found {row.GetRawText()}");
            }

            string text = Text(row, "text", path, number) ?? throw BadLine(path, number, "the key 'text' is missing");
            string label = Text(row, "label", path, number) ?? "correct";
            if (label is not ("correct" or "mis_conjugated"))
            {
                throw BadLine(path, number, $"the key 'label' is \"{label}\"; expected correct or mis_conjugated");
            }

            return new SentenceRow(
                number,
                Text(row, "id", path, number) ?? "",
                text.Length > 0 ? text : throw BadLine(path, number, "the key 'text' is empty"),
                Text(row, "spanish", path, number),
                label);
        }
        catch (JsonException error)
        {
            string column = ((error.BytePositionInLine ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
            throw BadLine(path, number, $"not valid JSON at byte {column} of the line; expected one object such as {{\"text\": \"…\"}}");
        }
        catch (InvalidOperationException)
        {
            throw BadLine(path, number, "a text is not valid Unicode: a \\u escape stands for half a character");
        }
    }

    private static string? Text(JsonElement row, string key, string path, int number)
    {
        if (!row.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw BadLine(path, number, $"the key '{key}' is {value.GetRawText()}; expected a text");
    }

    private static InvalidInputException BadLine(string path, int number, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path}:{number}: {problem}. Mend the line and try again."));
}
