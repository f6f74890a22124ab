namespace Habla.Data;

/// <summary>Which texts a run learns from, and how they become sequences.</summary>
public sealed record DataOptions
{
    internal static readonly OptionRange StrideRange = OptionRange.Positive;
    internal static readonly OptionRange ValidationFractionRange = new(0, 1, ExcludeMaximum: true);
    internal static readonly IReadOnlyList<string> Kinds = ["sentences", "windows", "shards"];
    internal static readonly IReadOnlyList<string> DocumentsChoices = ["ignore", "separate"];
    internal static readonly IReadOnlyList<string> HeldOutPolicies = ["verbs_4", "verb_tense", "cell"];
    internal static readonly IReadOnlyList<string> LongSentencesChoices = ["skip", "error"];

    /// <summary>
    /// <c>sentences</c>: a row of JSON Lines is a sequence; <c>windows</c>: sequences slide over a plain text; <c>shards</c>: they slide
    /// over token shards, which are read from disk as they are needed. Default sentences.
    /// </summary>
    public string Kind { get; init; } = "sentences";

    /// <summary>What the split of the verb corpus holds out: verbs_4, verb_tense or cell. Default verbs_4.</summary>
    public string HeldOutPolicy { get; init; } = "verbs_4";

    /// <summary>The file (of shards: the folder or file) to learn from, relative to the current folder. No default.</summary>
    public string TrainPath { get; init; } = "";

    /// <summary>
    /// The file (of shards: the folder or file) to validate on, relative to the current folder; null for none. Default null.
    /// </summary>
    public string? ValidationPath { get; init; }

    /// <summary>The share at the end of a plain text that is kept for validation. Default 0; at least 0, below 1.</summary>
    public double ValidationFraction { get; init; }

    /// <summary>Tokens from the start of a window to the start of the next. Default 1; at least 1.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>
    /// Of shards: <c>ignore</c> lets a window look from one document into the one before it, <c>separate</c> never does, and does not count
    /// the first token of a document as a target. Default ignore.
    /// </summary>
    public string Documents { get; init; } = "ignore";

    /// <summary>Whether each epoch has an order of its own, drawn by the data seed. Default true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>
    /// Whether sequences that do not fill an epoch's last batch are left out; evaluation never leaves any out. Default true.
    /// </summary>
    public bool DropLast { get; init; } = true;

    /// <summary>
    /// The filter for context sentences (ids that begin with "context/"): <c>skip</c> leaves out, and counts, those that are longer than
    /// the context; <c>error</c> leaves out none. Every other row that is too long is an error either way. Default skip.
    /// </summary>
    public string LongSentences { get; init; } = "skip";

    /// <summary>
    /// Whether mis-conjugated rows are learned from like correct ones; otherwise they are left out and counted. Default false.
    /// </summary>
    public bool MisConjugated { get; init; }

    /// <summary>
    /// Whether a sequence that passes the filter and is longer than the context is cut instead of being an error. Default false.
    /// </summary>
    public bool Truncate { get; init; }

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>data.key</c>.</exception>
    public void Validate()
    {
        InvalidOptionException.ThrowUnlessOneOf("data.kind", Kind, Kinds);
        InvalidOptionException.ThrowUnlessOneOf("data.heldout_policy", HeldOutPolicy, HeldOutPolicies);
        InvalidOptionException.ThrowUnlessOneOf("data.long_sentences", LongSentences, LongSentencesChoices);
        InvalidOptionException.ThrowUnlessOneOf("data.documents", Documents, DocumentsChoices);
        StrideRange.Check("data.stride", Stride);
        ValidationFractionRange.Check("data.val_fraction", ValidationFraction);
        if (TrainPath.Length == 0)
        {
            throw new InvalidOptionException("data.train_path", "missing; name the file to learn from");
        }

        if (ValidationFraction > 0 && ValidationPath is not null)
        {
            throw new InvalidOptionException(
                "data.val_fraction", "data.val_path already names the validation data; keep one of the two");
        }

        if (Documents != "ignore" && Kind != "shards")
        {
            throw new InvalidOptionException(
                "data.documents", $"only shards (data.kind: shards) know where documents begin; with {Kind} leave it at ignore");
        }

        if (ValidationFraction > 0 && Kind != "windows")
        {
            throw new InvalidOptionException(
                "data.val_fraction",
                $"only a plain text (data.kind: windows) is cut in two; name the validation data of {Kind} in data.val_path");
        }
    }
}
