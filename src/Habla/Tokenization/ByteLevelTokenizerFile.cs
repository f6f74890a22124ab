using System.Text.Json;
using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>
/// A tokenizer over bytes as a <c>tokenizer.json</c>. Pieces are written in GPT-2's byte alphabet; a pre-tokenizer says how text is cut
/// and a decoder how bytes come back, so other programs that read the format give the same ids. See docs/formats.md.
/// </summary>
internal static class ByteLevelTokenizerFile
{
    private const string ByteLevel = "ByteLevel";

    public static byte[] ToBytes(ByteLevelTokenizer tokenizer)
    {
        ByteVocabulary vocabulary = tokenizer.Vocabulary;
        string Piece(int id) => ByteAlphabet.Write(vocabulary.Bytes(id));
        return TokenizerJson.Write(
            new TokenizerJson.Setting(json => WritePreTokenizer(json, tokenizer.Pattern), WriteDecoder, UnknownToken: null)
            {
                IgnoresMerges = tokenizer.TakesWholePieces,
            },
            tokenizer.AddedTokens,
            Enumerable.Range(0, vocabulary.Size).Where(id => !vocabulary.IsSpecial(id)).Select(id => (Piece(id), id)),
            vocabulary.Merges.Select(merge => (Piece(merge.Left), Piece(merge.Right))));
    }

    /// <summary>Whether a file is of this kind.</summary>
    public static bool IsIn(JsonElement file) =>
        file.TryGetProperty("pre_tokenizer", out JsonElement cut) && Steps(cut).Any(step => TokenizerJson.TypeOf(step) == ByteLevel);

    public static ByteLevelTokenizer Read(JsonElement file, byte[] bytes, string path)
    {
        JsonElement model = TokenizerJson.Required(file, "model", path);
        TokenizerJson.Refuse(path, file, "normalizer");
        TokenizerJson.Refuse(path, model, "dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback");
        SplitPattern pattern = ReadPattern(file.GetProperty("pre_tokenizer"), path);
        IReadOnlyList<AddedToken> added = TokenizerJson.ReadAddedTokens(file, path);
        var parts = new ByteLevelParts(path, added);
        foreach ((string piece, int id) in TokenizerJson.ReadVocabulary(TokenizerJson.Required(model, "vocab", path), path))
        {
            parts.AddPiece(piece, id);
        }

        foreach (JsonElement merge in TokenizerJson.Required(model, "merges", path).EnumerateArray())
        {
            (string left, string right) = TokenizerJson.ReadMerge(merge, path);
            parts.AddMerge(left, right);
        }

        return new ByteLevelTokenizer(
            parts.ToVocabulary(), pattern, added, TokenizerJson.Asks(model, "ignore_merges"), TextBeginning.Read(file, added, path), bytes);
    }

    /// <summary>GPT-2's pattern is the format's own; any other stands before it as a regular expression.</summary>
    private static void WritePreTokenizer(Utf8JsonWriter json, SplitPattern pattern)
    {
        if (pattern == SplitPattern.Gpt2)
        {
            WriteByteLevel(json, addPrefixSpace: false, useRegex: true);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", pattern.Regex);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        WriteByteLevel(json, addPrefixSpace: false, useRegex: false);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDecoder(Utf8JsonWriter json) => WriteByteLevel(json, addPrefixSpace: true, useRegex: true);

    private static void WriteByteLevel(Utf8JsonWriter json, bool addPrefixSpace, bool useRegex)
    {
        json.WriteStartObject();
        json.WriteString("type", ByteLevel);
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useRegex);
        json.WriteEndObject();
    }

    private static SplitPattern ReadPattern(JsonElement preTokenizer, string path)
    {
        SplitPattern? pattern = null;
        foreach (JsonElement step in Steps(preTokenizer))
        {
            string type = TokenizerJson.TypeOf(step);
            TokenizerJson.Refuse(path, step, "add_prefix_space", "invert");
            pattern = (type, pattern) switch
            {
                (ByteLevel, null) when UsesRegex(step) => SplitPattern.Gpt2,
                (ByteLevel, not null) when !UsesRegex(step) => pattern,
                ("Split", null) => ReadSplit(step, path),
                _ => throw TokenizerJson.Damaged(path, $"its 'pre_tokenizer' is {preTokenizer.GetRawText()}; Habla cuts text as GPT-2 "
                    + "does, or with one Split of a pattern it knows before ByteLevel without use_regex"),
            };
        }

        return pattern!;
    }

    private static SplitPattern ReadSplit(JsonElement step, string path)
    {
        string regex = TokenizerJson.Required(TokenizerJson.Required(step, "pattern", path), "Regex", path).GetString() ?? "";
        string behavior = TokenizerJson.Required(step, "behavior", path).GetString() ?? "";
        return behavior == "Isolated" && SplitPattern.WithRegex(regex) is { } pattern
            ? pattern
            : throw TokenizerJson.Damaged(
                path, $"it cuts text by the pattern {regex} ({behavior}); Habla knows "
                + $"{string.Join(" and ", SplitPattern.All.Select(known => $"{known.Name}'s, {known.Regex}"))} (Isolated)");
    }

    private static bool UsesRegex(JsonElement step) => !step.TryGetProperty("use_regex", out JsonElement uses) || uses.GetBoolean();

    private static JsonElement[] Steps(JsonElement preTokenizer) => preTokenizer.ValueKind != JsonValueKind.Object
        ? []
        : preTokenizer.TryGetProperty("pretokenizers", out JsonElement steps) ? [.. steps.EnumerateArray()] : [preTokenizer];
}
