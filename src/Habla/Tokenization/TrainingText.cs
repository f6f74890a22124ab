namespace Habla.Tokenization;

/// <summary>What a tokenizer is trained on.</summary>
/// <param name="Lines">Pieces of text that no merge crosses: formatted sentences, or the lines of a text with their line ends.</param>
public sealed record TrainingText(IReadOnlyList<string> Lines)
{
    /// <summary>
    /// Characters that get a token besides those of the lines. Default none; for the verb corpus <see cref="ReservedAlphabet.Verbs"/>.
    /// </summary>
    public string Reserved { get; init; } = "";

    /// <summary>
    /// The sequence length that merges aim for unless <see cref="TokenizerOptions.FitTokens"/> says another. Default 0, none.
    /// </summary>
    public int FitTokens { get; init; }

    /// <summary>
    /// Whether the lines follow each other in one text, each with its line end; otherwise each is a text of its own. A tokenizer over
    /// bytes cuts words across the lines of one text. Default false.
    /// </summary>
    public bool IsRunning { get; init; }
}
