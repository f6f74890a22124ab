namespace Habla.Tokenization;

/// <summary>
/// The four tokens that stand for no text. Where they are used they are ids 0 to 3, and no text ever becomes one of the first three.
/// </summary>
public static class SpecialTokens
{
    /// <summary>Fills a sequence up to the batch's length; id 0.</summary>
    public const string Pad = "<pad>";

    /// <summary>Begins a sequence; id 1.</summary>
    public const string Bos = "<bos>";

    /// <summary>Ends a sequence; id 2.</summary>
    public const string Eos = "<eos>";

    /// <summary>Stands for a character outside the alphabet; id 3.</summary>
    public const string Unknown = "<unk>";

    /// <summary>All four, in the order of their ids.</summary>
    public static IReadOnlyList<string> All { get; } = [Pad, Bos, Eos, Unknown];

    /// <summary>Those of a tokenizer over bytes, to which no text is unknown: the first three.</summary>
    public static IReadOnlyList<string> OverBytes { get; } = [Pad, Bos, Eos];
}
