using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Habla.Tokenization;

/// <summary>What all kinds of <c>tokenizer.json</c> have in common: Hugging Face's format, version 1.0, with a BPE model.</summary>
internal static class TokenizerJson
{
    private const string Version = "1.0";

    private static readonly string[] _flags = ["single_word", "lstrip", "rstrip", "normalized"];

    /// <summary>The parts of a file that differ from one kind of tokenizer to another.</summary>
    /// <param name="PreTokenizer">How text is cut before anything is joined; null for not at all.</param>
    /// <param name="Decoder">How pieces become text again.</param>
    /// <param name="UnknownToken">The name of the token for unknown characters, or null.</param>
    public sealed record Setting(Action<Utf8JsonWriter>? PreTokenizer, Action<Utf8JsonWriter> Decoder, string? UnknownToken)
    {
        /// <summary>Whether a word that is a piece becomes it without the merges.</summary>
        public bool IgnoresMerges { get; init; }
    }

    /// <summary>Writes a whole file.</summary>
    /// <param name="setting">What this kind of tokenizer needs.</param>
    /// <param name="added">The added tokens, by id.</param>
    /// <param name="vocabulary">Pieces and ids, by id.</param>
    /// <param name="merges">Pairs of pieces, first learned first.</param>
    public static byte[] Write(
        Setting setting, IEnumerable<AddedToken> added, IEnumerable<(string Piece, int Id)> vocabulary,
        IEnumerable<(string Left, string Right)> merges)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, WriterOptions(indented: true)))
        {
            json.WriteStartObject();
            json.WriteString("version", Version);
            json.WriteNull("truncation");
            json.WriteNull("padding");
            json.WriteStartArray("added_tokens");
            foreach (AddedToken token in added)
            {
                WriteAddedToken(json, token);
            }

            json.WriteEndArray();
            json.WriteNull("normalizer");
            json.WritePropertyName("pre_tokenizer");
            (setting.PreTokenizer ?? (writer => writer.WriteNullValue()))(json);
            json.WriteNull("post_processor");
            json.WritePropertyName("decoder");
            setting.Decoder(json);
            WriteModel(json, setting, vocabulary, merges);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    public static InvalidInputException Damaged(string path, string reason, Exception? cause = null) => new(
        $"{path}: not a tokenizer that Habla can use: {reason.TrimEnd('.')}. Make one with `habla tokenizer train`; "
            + "docs/formats.md has the format.", cause!);

    public static JsonElement Required(JsonElement element, string key, string path) =>
        element.TryGetProperty(key, out JsonElement value) ? value : throw Damaged(path, $"the key '{key}' is missing");

    /// <summary>What kind of step an element is; nothing without a type.</summary>
    public static string TypeOf(JsonElement element) => element.TryGetProperty("type", out JsonElement type) ? type.GetString() ?? "" : "";

    /// <summary>Whether a key asks for anything: null, false, "", 0 and a key that is missing do not.</summary>
    public static bool Asks(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value)
        && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
        && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0)
        && !(value.ValueKind == JsonValueKind.Number && value.GetDouble() == 0);

    /// <exception cref="InvalidInputException">The element uses one of the keys.</exception>
    public static void Refuse(string path, JsonElement element, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Asks(element, key))
            {
                throw Damaged(path, $"it uses '{key}', which Habla does not");
            }
        }
    }

    /// <summary>The vocabulary as pieces with their ids, in the file's order.</summary>
    public static IEnumerable<(string Piece, int Id)> ReadVocabulary(JsonElement vocabulary, string path)
    {
        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            yield return entry.Name.Length > 0 && entry.Value.TryGetInt32(out int id) && id >= 0
                ? (entry.Name, id)
                : throw Damaged(path, $"the piece \"{entry.Name}\" has the id {entry.Value}; expected a whole number from 0");
        }
    }

    /// <summary>A merge as a pair, or as two pieces with a space between them, which older files have.</summary>
    public static (string Left, string Right) ReadMerge(JsonElement merge, string path)
    {
        string[] sides = merge.ValueKind == JsonValueKind.String
            ? merge.GetString()!.Split(' ')
            : [.. merge.EnumerateArray().Select(side => side.GetString() ?? "")];
        return sides is [{ Length: > 0 } left, { Length: > 0 } right]
            ? (left, right)
            : throw Damaged(path, $"the merge {merge.GetRawText()} is not a pair of pieces");
    }

    /// <summary>The added tokens, by id.</summary>
    public static IReadOnlyList<AddedToken> ReadAddedTokens(JsonElement file, string path)
    {
        if (!file.TryGetProperty("added_tokens", out JsonElement added) || added.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return [.. added.EnumerateArray().Select(token => ReadAddedToken(token, path)).OrderBy(token => token.Id)];
    }

    private static AddedToken ReadAddedToken(JsonElement token, string path)
    {
        string content = Required(token, "content", path).GetString() ?? "";
        if (content.Length == 0 || !Required(token, "id", path).TryGetInt32(out int id) || id < 0)
        {
            throw Damaged(path, $"the added token {token.GetRawText()} has no name or no id");
        }

        Refuse(path, token, "single_word", "lstrip", "rstrip");
        return new AddedToken(id, content, !token.TryGetProperty("special", out JsonElement special) || special.GetBoolean());
    }

    private static void WriteModel(
        Utf8JsonWriter json, Setting setting, IEnumerable<(string Piece, int Id)> vocabulary,
        IEnumerable<(string Left, string Right)> merges)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", setting.UnknownToken);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", setting.IgnoresMerges);
        json.WriteStartObject("vocab");
        foreach ((string piece, int id) in vocabulary)
        {
            json.WriteNumber(piece, id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in merges)
        {
            WriteMerge(json, left, right);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAddedToken(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteStartObject();
        json.WriteNumber("id", token.Id);
        json.WriteString("content", token.Content);
        foreach (string flag in _flags)
        {
            json.WriteBoolean(flag, false);
        }

        json.WriteBoolean("special", token.IsSpecial);
        json.WriteEndObject();
    }

    /// <summary>A pair on one line. The older form "left right" cannot hold pieces with spaces.</summary>
    private static void WriteMerge(Utf8JsonWriter json, string left, string right)
    {
        var pair = new ArrayBufferWriter<byte>();
        using (var line = new Utf8JsonWriter(pair, WriterOptions(indented: false)))
        {
            line.WriteStartArray();
            line.WriteStringValue(left);
            line.WriteStringValue(right);
            line.WriteEndArray();
        }

        json.WriteRawValue(pair.WrittenSpan);
    }

    /// <summary>Letters, quotes and brackets stand as themselves: the file is no part of a web page, and people read it.</summary>
    private static JsonWriterOptions WriterOptions(bool indented) =>
        new() { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
