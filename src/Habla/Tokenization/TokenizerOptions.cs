using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>How text becomes tokens.</summary>
public sealed record TokenizerOptions
{
    internal static readonly OptionRange VocabularySizeRange = new(1, 1_048_576);
    internal static readonly OptionRange FitTokensRange = new(0, 1_048_576);
    internal static readonly IReadOnlyList<string> Kinds = ["char", "bpe"];
    internal static readonly IReadOnlyList<string> Bases = ["chars", "bytes"];
    internal static readonly IReadOnlyList<string> Patterns = [.. SplitPattern.All.Select(pattern => pattern.Name)];

    /// <summary><c>char</c>: a token a character; <c>bpe</c>: frequent neighbours are joined. Default bpe.</summary>
    public string Kind { get; init; } = "bpe";

    /// <summary>
    /// What bpe starts from: <c>chars</c>, the characters of the training text, or <c>bytes</c>, all 256, so that no text is unknown.
    /// Default chars.
    /// </summary>
    public string Base { get; init; } = "chars";

    /// <summary>
    /// How text is cut before its bytes are joined, so that no token crosses a word: <c>gpt4</c> or <c>gpt2</c>
    /// (<see cref="SplitPattern"/>). Bytes alone are cut; over characters, merges may cross spaces. Default gpt4.
    /// </summary>
    public string Pattern { get; init; } = "gpt4";

    /// <summary>
    /// Tokens in all, special tokens included, <c>V</c>; training gives exactly this many or fails. Default 64; from 1 to 1,048,576.
    /// </summary>
    public int VocabularySize { get; init; } = 64;

    /// <summary>
    /// Whether <c>&lt;pad&gt; &lt;bos&gt; &lt;eos&gt; &lt;unk&gt;</c> are among the tokens; over bytes, which know every text,
    /// <c>&lt;unk&gt;</c> is not. Plain text in windows needs none; then an unknown character is an error. Default true.
    /// </summary>
    public bool SpecialTokens { get; init; } = true;

    /// <summary>
    /// The sequence length (with <c>&lt;bos&gt;</c> and <c>&lt;eos&gt;</c>) that bpe aims for: as long as a training line is longer, only
    /// the lines that are longer are counted when the next pair to join is chosen; then all are. 0 always counts all. Null leaves it to
    /// the text: 30 for sentences, which is the main recipe's 32 inputs and last target less three spare for held-out verbs; 0 for
    /// plain text. Default null; from 0 to 1,048,576.
    /// </summary>
    public int? FitTokens { get; init; }

    /// <summary>
    /// Characters that get a token even if the training text has none of them; null leaves it to the text:
    /// <see cref="ReservedAlphabet.Verbs"/> for sentences, none for plain text. Default null.
    /// </summary>
    public string? Reserved { get; init; }

    /// <summary>A <c>tokenizer.json</c> to use as it is; null trains one on the training data. Default null.</summary>
    public string? Path { get; init; }

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>tokenizer.key</c>.</exception>
    public void Validate()
    {
        InvalidOptionException.ThrowUnlessOneOf("tokenizer.kind", Kind, Kinds);
        InvalidOptionException.ThrowUnlessOneOf("tokenizer.base", Base, Bases);
        InvalidOptionException.ThrowUnlessOneOf("tokenizer.pattern", Pattern, Patterns);
        VocabularySizeRange.Check("tokenizer.vocab_size", VocabularySize);
        if (FitTokens is { } fit)
        {
            FitTokensRange.Check("tokenizer.fit_tokens", fit);
        }

        if (Base == "bytes")
        {
            RefuseWithBytes("tokenizer.kind", Kind != "bpe", "char has a token a character; with base bytes the kind is bpe");
            RefuseWithBytes("tokenizer.fit_tokens", FitTokens is not null, "only bpe over characters aims for a length; leave it out");
            RefuseWithBytes("tokenizer.reserved", Reserved is not null, "bytes can write every character; leave it out");
        }
    }

    private static void RefuseWithBytes(string key, bool isSet, string reason)
    {
        if (isSet)
        {
            throw new InvalidOptionException(key, reason);
        }
    }
}
