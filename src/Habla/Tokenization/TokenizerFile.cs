using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Habla.Tokenization;

/// <summary>
/// The file format: Hugging Face's tokenizer.json, version 1.0, with a BPE model. Characters are the base; there is no
/// normalizer and no pre-tokenizer, and the decoder only joins, so other programs that read the format give the same ids.
/// See docs/formats.md.
/// </summary>
internal static class TokenizerFile
{
    private const string Version = "1.0";

    /// <summary>What a file says.</summary>
    public sealed record Parts(IReadOnlyList<string> Pieces, IReadOnlyList<MergeRule> Merges, bool SpecialTokens);

    public static byte[] ToBytes(Tokenizer tokenizer)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, WriterOptions(indented: true)))
        {
            Write(json, tokenizer);
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    public static Parts Parse(byte[] bytes, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Read(document.RootElement, path);
        }
        catch (JsonException error)
        {
            throw Damaged(path, $"it is not valid JSON: {error.Message}");
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(path, error.Message);
        }
    }

    public static InvalidInputException Damaged(string path, string reason) => new(
        $"{path}: not a tokenizer that Habla can use: {reason.TrimEnd('.')}. Make one with `habla tokenizer train`; "
            + "docs/formats.md has the format.");

    private static void Write(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        json.WriteStartObject();
        json.WriteString("version", Version);
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        if (tokenizer.HasSpecialTokens)
        {
            for (int id = 0; id < SpecialTokens.All.Count; id++)
            {
                WriteAddedToken(json, id);
            }
        }

        json.WriteEndArray();
        json.WriteNull("normalizer");
        json.WriteNull("pre_tokenizer");
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        json.WriteString("type", "Fuse");
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", tokenizer.HasSpecialTokens ? SpecialTokens.Unknown : null);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            json.WriteNumber(tokenizer.Pieces[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (MergeRule rule in tokenizer.Merges)
        {
            WriteMerge(json, rule);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAddedToken(Utf8JsonWriter json, int id)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", SpecialTokens.All[id]);
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
        {
            json.WriteBoolean(flag, false);
        }

        json.WriteBoolean("special", true);
        json.WriteEndObject();
    }

    /// <summary>A pair on one line. The older form "left right" cannot hold pieces with spaces.</summary>
    private static void WriteMerge(Utf8JsonWriter json, MergeRule rule)
    {
        var pair = new ArrayBufferWriter<byte>();
        using (var line = new Utf8JsonWriter(pair, WriterOptions(indented: false)))
        {
            line.WriteStartArray();
            line.WriteStringValue(rule.Left);
            line.WriteStringValue(rule.Right);
            line.WriteEndArray();
        }

        json.WriteRawValue(pair.WrittenSpan);
    }

    /// <summary>Letters, quotes and brackets stand as themselves: the file is no part of a web page, and people read it.</summary>
    private static JsonWriterOptions WriterOptions(bool indented) =>
        new() { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Parts Read(JsonElement file, string path)
    {
        JsonElement model = Required(file, "model", path);
        Refuse(path, file, "normalizer", "pre_tokenizer", "post_processor");
        Refuse(path, model, "dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges");
        string type = model.TryGetProperty("type", out JsonElement named) ? named.GetString() ?? "" : "BPE";
        if (type != "BPE")
        {
            throw Damaged(path, $"its model is {type}, expected BPE");
        }

        string[] pieces = ReadVocabulary(Required(model, "vocab", path), path);
        MergeRule[] merges = [.. Required(model, "merges", path).EnumerateArray().Select(merge => ReadMerge(merge, path))];
        return new Parts(pieces, merges, HasSpecialTokens(file, path));
    }

    private static JsonElement Required(JsonElement element, string key, string path) =>
        element.TryGetProperty(key, out JsonElement value) ? value : throw Damaged(path, $"the key '{key}' is missing");

    private static void Refuse(string path, JsonElement element, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            bool isUsed = element.TryGetProperty(key, out JsonElement value)
                && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
                && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0)
                && !(value.ValueKind == JsonValueKind.Number && value.GetDouble() == 0);
            if (isUsed)
            {
                throw Damaged(path, $"it uses '{key}', which Habla does not");
            }
        }
    }

    private static string[] ReadVocabulary(JsonElement vocabulary, string path)
    {
        JsonProperty[] entries = [.. vocabulary.EnumerateObject()];
        string?[] pieces = new string?[entries.Length];
        foreach (JsonProperty entry in entries)
        {
            if (!entry.Value.TryGetInt32(out int id) || id < 0 || id >= pieces.Length || pieces[id] is not null || entry.Name.Length == 0)
            {
                throw Damaged(
                    path, $"the piece \"{entry.Name}\" has the id {entry.Value}; expected each id from 0 to {pieces.Length - 1} once");
            }

            pieces[id] = entry.Name;
        }

        return pieces!;
    }

    private static MergeRule ReadMerge(JsonElement merge, string path)
    {
        string[] sides = merge.ValueKind == JsonValueKind.String
            ? merge.GetString()!.Split(' ')
            : [.. merge.EnumerateArray().Select(side => side.GetString() ?? "")];
        return sides is [{ Length: > 0 } left, { Length: > 0 } right]
            ? new MergeRule(left, right)
            : throw Damaged(path, $"the merge {merge.GetRawText()} is not a pair of pieces");
    }

    private static bool HasSpecialTokens(JsonElement file, string path)
    {
        if (!file.TryGetProperty("added_tokens", out JsonElement added) || added.GetArrayLength() == 0)
        {
            return false;
        }

        IEnumerable<string?> names = added.EnumerateArray().OrderBy(token => token.GetProperty("id").GetInt32())
            .Select(token => token.GetProperty("content").GetString());
        return names.SequenceEqual(SpecialTokens.All)
            ? true
            : throw Damaged(path, $"its added tokens are not {string.Join(' ', SpecialTokens.All)}");
    }
}
