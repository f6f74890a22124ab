namespace Habla.BytePairs;

/// <summary>What a byte-level vocabulary is to be like.</summary>
public sealed record ByteLevelTrainerOptions
{
    /// <summary>
    /// Tokens in all, special ones and the 256 bytes included, <c>V</c>; training gives exactly this many or fails. Default 4,096; from
    /// 256 and the special tokens to 1,048,576.
    /// </summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>Where no token may cross. Default <see cref="SplitPattern.Gpt4"/>.</summary>
    public SplitPattern Pattern { get; init; } = SplitPattern.Gpt4;

    /// <summary>
    /// The names of special tokens, which get the ids from 0; the 256 bytes follow. No text becomes one, and no token with the bytes of
    /// such a name is learned. Default none.
    /// </summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Threads that count words; the result does not depend on it. Default all cores; at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>tokenizer.key</c>.</exception>
    public void Validate()
    {
        new OptionRange(256 + SpecialTokens.Count, 1_048_576).Check("tokenizer.vocab_size", VocabularySize);
        OptionRange.Positive.Check("tokenizer.threads", Threads);
        if (SpecialTokens.FirstOrDefault(name => name.Length == 0 || SpecialTokens.Count(other => other == name) > 1) is { } bad)
        {
            throw new InvalidOptionException(
                "tokenizer.special_tokens", $"\"{bad}\" is empty or stands twice; expected names that differ");
        }
    }
}
