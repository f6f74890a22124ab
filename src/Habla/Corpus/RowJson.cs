using System.Globalization;
using System.Text.Json;

namespace Habla.Corpus;

/// <summary>A row as one JSON object: the columns, always all of them and always in this order, written and read.</summary>
internal static class RowJson
{
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "text", "spanish", "verb_lemma", "spanish_lemma", "tense", "person", "english_regularity", "spanish_regularity",
        "label", "mis_conjugation_type", "correct_form", "seed", "fingerprint",
    ];

    public static void Write(Utf8JsonWriter json, CorpusRow row)
    {
        json.WriteStartObject();
        json.WriteString("id", row.Id);
        json.WriteString("text", row.Text);
        json.WriteString("spanish", row.Spanish);
        json.WriteString("verb_lemma", row.VerbLemma);
        json.WriteString("spanish_lemma", row.SpanishLemma);
        json.WriteString("tense", WireName.Of(row.Tense));
        json.WriteString("person", row.Person is { } person ? WireName.Of(person) : null);
        json.WriteString("english_regularity", WireName.Of(row.EnglishRegularity));
        json.WriteString("spanish_regularity", WireName.Of(row.SpanishRegularity));
        json.WriteString("label", WireName.Of(row.Label));
        json.WriteString("mis_conjugation_type", row.MisConjugationType is { } type ? WireName.Of(type) : null);
        json.WriteString("correct_form", row.CorrectForm);
        json.WriteNumber("seed", row.Seed);
        json.WriteString("fingerprint", row.Fingerprint);
        json.WriteEndObject();
    }

    /// <summary>Reads one line.</summary>
    /// <returns>The row, or the id as far as it could be read and what is wrong.</returns>
    public static (CorpusRow? Row, string Id, string Problem) Read(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(new Fields(document.RootElement))
                : (null, "", $"expected a JSON object, found {Kind(document.RootElement)}");
        }
        catch (JsonException error)
        {
            string at = ((error.BytePositionInLine ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
            return (null, "", $"not valid JSON at byte {at}; expected one row as a JSON object on a line");
        }
        catch (InvalidOperationException)
        {
            // JsonElement throws this for an escape such as \ud800 that is half of a character.
            return (null, "", "a text is not valid Unicode: a \\u escape stands for half a character");
        }
    }

    private static (CorpusRow? Row, string Id, string Problem) Read(Fields fields)
    {
        var row = new CorpusRow
        {
            Id = fields.Text("id"),
            Text = fields.Text("text"),
            Spanish = fields.Text("spanish"),
            VerbLemma = fields.Text("verb_lemma"),
            SpanishLemma = fields.Text("spanish_lemma"),
            Tense = fields.Name<Tense>("tense") ?? default,
            Person = fields.Name<Person>("person", orNull: true),
            EnglishRegularity = fields.Name<Regularity>("english_regularity") ?? default,
            SpanishRegularity = fields.Name<Regularity>("spanish_regularity") ?? default,
            Label = fields.Name<RowLabel>("label") ?? default,
            MisConjugationType = fields.Name<MisConjugationType>("mis_conjugation_type", orNull: true),
            CorrectForm = fields.TextOrNull("correct_form"),
            Seed = fields.Number("seed"),
            Fingerprint = fields.Text("fingerprint"),
        };
        return fields.Problem is { } problem ? (null, row.Id, problem) : (row, row.Id, "");
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        JsonValueKind.Null => "null",
        _ => value.GetRawText(),
    };

    /// <summary>Reads the columns of one object and remembers the first thing that is wrong.</summary>
    private sealed class Fields
    {
        private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

        public Fields(JsonElement row)
        {
            foreach (JsonProperty property in row.EnumerateObject())
            {
                if (!Columns.Contains(property.Name))
                {
                    Complain($"unknown key '{property.Name}'; the keys are {string.Join(", ", Columns)}");
                }
                else if (!_values.TryAdd(property.Name, property.Value))
                {
                    Complain($"key '{property.Name}' stands twice");
                }
            }
        }

        public string? Problem { get; private set; }

        public string Text(string key)
        {
            if (Find(key) is not { } value)
            {
                return "";
            }

            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                return text;
            }

            Complain($"key '{key}' is {Kind(value)}; expected a text that is not empty");
            return "";
        }

        public string? TextOrNull(string key) => Find(key) is { ValueKind: not JsonValueKind.Null } ? Text(key) : null;

        public ulong Number(string key)
        {
            if (Find(key) is not { } value)
            {
                return 0;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong number))
            {
                return number;
            }

            Complain($"key '{key}' is {Kind(value)}; expected a whole number, 0 or more");
            return 0;
        }

        public T? Name<T>(string key, bool orNull = false)
            where T : struct, Enum
        {
            if (Find(key) is not { } value || (orNull && value.ValueKind == JsonValueKind.Null))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && WireName.TryParse(value.GetString(), out T found))
            {
                return found;
            }

            Complain($"key '{key}' is {Kind(value)}; expected {string.Join(", ", WireName.All<T>())}{(orNull ? " or null" : "")}");
            return null;
        }

        private JsonElement? Find(string key)
        {
            if (_values.TryGetValue(key, out JsonElement value))
            {
                return value;
            }

            Complain($"key '{key}' is missing");
            return null;
        }

        private void Complain(string problem) => Problem ??= problem;
    }
}
