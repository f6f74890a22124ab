using System.Text.Json;

namespace Habla.Tokenization;

/// <summary>
/// A tokenizer over characters as a <c>tokenizer.json</c>: characters are the base, there is no normalizer and no pre-tokenizer, and the
/// decoder only joins, so other programs that read the format give the same ids. See docs/formats.md.
/// </summary>
internal static class CharacterTokenizerFile
{
    public static byte[] ToBytes(CharacterTokenizer tokenizer) => TokenizerJson.Write(
        new TokenizerJson.Setting(null, WriteDecoder, tokenizer.HasSpecialTokens ? SpecialTokens.Unknown : null),
        tokenizer.AddedTokens,
        tokenizer.Pieces.Select((piece, id) => (piece, id)),
        tokenizer.Merges.Select(rule => (rule.Left, rule.Right)));

    public static CharacterTokenizer Read(JsonElement file, byte[] bytes, string path)
    {
        JsonElement model = TokenizerJson.Required(file, "model", path);
        if (TokenizerJson.Asks(model, "byte_fallback"))
        {
            throw TokenizerJson.Damaged(
                path, "it asks for 'byte_fallback', as tokenizers of SentencePiece do, Llama 2's among them, and Habla reads BPE over "
                + "bytes or over characters");
        }

        TokenizerJson.Refuse(path, file, "normalizer", "pre_tokenizer", "post_processor");
        TokenizerJson.Refuse(
            path, model, "dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "ignore_merges");
        string[] pieces = ReadPieces(TokenizerJson.Required(model, "vocab", path), path);
        MergeRule[] merges =
        [
            .. TokenizerJson.Required(model, "merges", path).EnumerateArray()
                .Select(merge => TokenizerJson.ReadMerge(merge, path)).Select(pair => new MergeRule(pair.Left, pair.Right)),
        ];
        return new CharacterTokenizer(pieces, merges, HasSpecialTokens(file, path), bytes);
    }

    private static void WriteDecoder(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Fuse");
        json.WriteEndObject();
    }

    private static string[] ReadPieces(JsonElement vocabulary, string path)
    {
        (string Piece, int Id)[] entries = [.. TokenizerJson.ReadVocabulary(vocabulary, path)];
        string?[] pieces = new string?[entries.Length];
        foreach ((string piece, int id) in entries)
        {
            if (id >= pieces.Length || pieces[id] is not null)
            {
                throw TokenizerJson.Damaged(
                    path, $"the piece \"{piece}\" has the id {id}; expected each id from 0 to {pieces.Length - 1} once");
            }

            pieces[id] = piece;
        }

        return pieces!;
    }

    private static bool HasSpecialTokens(JsonElement file, string path)
    {
        IReadOnlyList<AddedToken> added = TokenizerJson.ReadAddedTokens(file, path);
        if (added.Count == 0)
        {
            return false;
        }

        return added.Select(token => token.Content).SequenceEqual(SpecialTokens.All)
            ? true
            : throw TokenizerJson.Damaged(path, $"its added tokens are not {string.Join(' ', SpecialTokens.All)}");
    }
}
