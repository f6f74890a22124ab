using System.Globalization;
using System.Text;
using Habla.BytePairs;
using Habla.Tokenization;

namespace Habla.Interchange.Gguf;

/// <summary>
/// A tokenizer as llama.cpp's "gpt2" kind: pieces in GPT-2's byte alphabet, rules as pairs with a space between, and the name of a pattern
/// that cuts text first. A tokenizer over characters becomes one over bytes, with rules that join each character's bytes before all others.
/// </summary>
internal static class GgufTokenizer
{
    // llama.cpp's kinds of token.
    private const int Normal = 1, Control = 3, UserDefined = 4;

    public static void AddTo(GgufMetadata metadata, Tokenizer tokenizer, bool beginsText)
    {
        Dictionary<int, AddedToken> added = tokenizer.AddedTokens.ToDictionary(token => token.Id);
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", Cut(tokenizer));
        metadata.Add("tokenizer.ggml.tokens", Enumerable.Range(0, tokenizer.VocabularySize).Select(id =>
            added.TryGetValue(id, out AddedToken? token) ? token.Content : ByteAlphabet.Write(tokenizer.BytesOf(id))));
        metadata.Add("tokenizer.ggml.token_type", Enumerable.Range(0, tokenizer.VocabularySize).Select(id =>
            added.TryGetValue(id, out AddedToken? token) ? token.IsSpecial ? Control : UserDefined : Normal));
        metadata.Add("tokenizer.ggml.merges", Merges(tokenizer).Select(pair => $"{pair.Left} {pair.Right}"));
        AddId(metadata, "bos", tokenizer.BosId);
        AddId(metadata, "eos", tokenizer.EosId);
        AddId(metadata, "unknown", tokenizer.UnknownId);
        AddId(metadata, "padding", tokenizer.PadId);
        metadata.Add("tokenizer.ggml.add_bos_token", beginsText && tokenizer.BosId >= 0);
        metadata.Add("tokenizer.ggml.add_eos_token", false);
    }

    private static void AddId(GgufMetadata metadata, string name, int id)
    {
        if (id >= 0)
        {
            metadata.Add($"tokenizer.ggml.{name}_token_id", id);
        }
    }

    /// <summary>
    /// The name of a pattern that cuts as the tokenizer does; llama-bpe and dbrx cut alike, and only the first looks words up whole.
    /// </summary>
    private static string Cut(Tokenizer tokenizer) => tokenizer switch
    {
        ByteLevelTokenizer { TakesWholePieces: true } bytes => bytes.Pattern == SplitPattern.Gpt4
            ? "llama-bpe"
            : throw new InvalidInputException(
                $"the tokenizer takes whole words (ignore_merges) after cutting by {bytes.Pattern.Name}'s pattern, and llama.cpp does so "
                + "only with gpt4's; export it with --to hf"),
        ByteLevelTokenizer bytes => bytes.Pattern == SplitPattern.Gpt2 ? "gpt-2" : "dbrx",
        CharacterTokenizer characters => CutsNothingThatJoins(characters),
        _ => throw new InvalidInputException($"a tokenizer of the kind {tokenizer.GetType().Name} has no form in GGUF"),
    };

    /// <summary>The pattern that cuts least: it sets only numbers apart, so it disturbs no rule without them.</summary>
    private static string CutsNothingThatJoins(CharacterTokenizer tokenizer)
    {
        MergeRule? disturbed = tokenizer.Merges.Select(rule => (MergeRule?)rule).FirstOrDefault(rule => rule!.Value.Joined.Any(char.IsNumber));
        return disturbed is null
            ? "superbpe"
            : throw new InvalidInputException(
                $"the tokenizer joins '{disturbed.Value.Left}' and '{disturbed.Value.Right}', but llama.cpp sets numbers apart before anything "
                + "is joined, so it would give other ids; train with tokenizer.base: bytes, or tokenizer.kind: char, to export to gguf");
    }

    private static IEnumerable<(string Left, string Right)> Merges(Tokenizer tokenizer)
    {
        if (tokenizer is ByteLevelTokenizer { Vocabulary: var vocabulary })
        {
            return vocabulary.Merges.Select(merge =>
                (ByteAlphabet.Write(vocabulary.Bytes(merge.Left)), ByteAlphabet.Write(vocabulary.Bytes(merge.Right))));
        }

        var characters = (CharacterTokenizer)tokenizer;
        IEnumerable<string> texts = characters.Pieces.Skip(characters.AddedTokens.Count);
        return texts.SelectMany(CharacterMerges).Distinct()
            .Concat(characters.Merges.Select(rule => (Bytes(rule.Left), Bytes(rule.Right))));
    }

    /// <summary>
    /// The rules that make each character of a piece out of its bytes, from the left. UTF-8 tells the first byte of a character from the
    /// others, so they join nothing else.
    /// </summary>
    private static IEnumerable<(string Left, string Right)> CharacterMerges(string piece)
    {
        foreach (Rune rune in piece.EnumerateRunes())
        {
            string bytes = Bytes(rune.ToString());
            for (int length = 1; length < bytes.Length; length++)
            {
                yield return (bytes[..length], bytes[length].ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static string Bytes(string text) => ByteAlphabet.Write(Encoding.UTF8.GetBytes(text));
}
