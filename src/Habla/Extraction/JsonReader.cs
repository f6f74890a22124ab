using System.Text.Json;

namespace Habla.Extraction;

/// <summary>
/// JSON and JSON Lines: one field of each object is its text. An object is one record, an array of objects has one an element, and
/// a file of lines one a line.
/// </summary>
internal sealed class JsonReader : IKindReader
{
    private static readonly string s_name = Extractors.Library("System.Text.Json", typeof(JsonDocument));

    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        string text = reading.Decode(source.Bytes());
        var records = new Records(kind, part, reading);
        if (kind == Kinds.JsonLines)
        {
            ReadLines(text, records, reading);
        }
        else
        {
            ReadDocument(text, records, reading);
        }
    }

    private static void ReadLines(string text, Records records, FileReading reading)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            reading.Stop.ThrowIfCancellationRequested();
            number++;
            if (line.IsWhiteSpace())
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line.ToString());
                records.Add(number, document.RootElement);
            }
            catch (JsonException error)
            {
                records.Skip(number, SkipReason.Broken, $"it is no JSON: {OneLine.Of(error)}");
            }
        }
    }

    private static void ReadDocument(string text, Records records, FileReading reading)
    {
        using var document = JsonDocument.Parse(text,
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            records.Add(null, document.RootElement);
            return;
        }

        int number = 0;
        foreach (JsonElement element in document.RootElement.EnumerateArray())
        {
            reading.Stop.ThrowIfCancellationRequested();
            records.Add(++number, element);
        }
    }

    /// <summary>The records of one file.</summary>
    private sealed class Records(string kind, string? part, FileReading reading)
    {
        public void Add(int? number, JsonElement record)
        {
            string path = reading.Options.JsonField;
            JsonElement? field = Field(record, path);
            try
            {
                if (field is { ValueKind: JsonValueKind.String } text)
                {
                    reading.Add(TextDecoder.UnixLines(text.GetString()!), kind, Name(number), s_name);
                }
                else
                {
                    Skip(number, SkipReason.Empty, field is null ? $"it has no field {path}" : $"its field {path} is no text");
                }
            }
            catch (InvalidOperationException)
            {
                Skip(number, SkipReason.Broken, $"its field {path} has half of a surrogate pair");
            }
        }

        public void Skip(int? number, SkipReason reason, string detail) => reading.Skip(kind, Name(number), reason, detail);

        private string? Name(int? number) => number is null ? part : PartName.Within(part, $"record {number}");
    }

    /// <summary>A field whose very name has the dots comes before the field of a field.</summary>
    private static JsonElement? Field(JsonElement record, string path)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (record.TryGetProperty(path, out JsonElement found))
        {
            return found;
        }

        int dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && record.TryGetProperty(path[..dot], out JsonElement inner) ? Field(inner, path[(dot + 1)..]) : null;
    }
}
