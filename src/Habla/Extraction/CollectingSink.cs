namespace Habla.Extraction;

/// <summary>
/// Keeps what is found, for the result. Of parts of one kind that are skipped for one reason the first are named and the others counted:
/// a file of a million empty records would fill the report.
/// </summary>
internal sealed class CollectingSink : IExtractionSink
{
    /// <summary>So many parts of one file are named for each kind and reason.</summary>
    public const int MostNamed = 100;

    private readonly List<ExtractedText> _texts = [];
    private readonly List<SkippedPart> _skipped = [];
    private readonly Dictionary<(string Kind, SkipReason Reason), int> _named = [];
    private readonly Dictionary<(string Kind, SkipReason Reason), SkippedPart> _others = [];
    private int _fallbacks;

    /// <summary>The page or member that was begun last.</summary>
    public string? Current { get; private set; }

    public void Add(ExtractedText text) => _texts.Add(text);

    public void Add(SkippedPart part)
    {
        (string, SkipReason) key = (part.Kind, part.Reason);
        int named = _named[key] = _named.GetValueOrDefault(key) + 1;
        if (named <= MostNamed)
        {
            _skipped.Add(part);
        }
        else
        {
            SkippedPart? others = _others.GetValueOrDefault(key);
            _others[key] = new SkippedPart(
                part.Kind, null, part.Reason, "", part.Passing || others?.Passing == true, part.Count + (others?.Count ?? 0));
        }
    }

    public void CountFallback() => _fallbacks++;

    public void Begin(string? part) => Current = part;

    /// <summary>All of it.</summary>
    /// <param name="kind">What the file is.</param>
    public ExtractionResult Result(string kind) => new(
        kind, _texts, [.. _skipped, .. _others.Values.Select(others => others with { Detail = $"and {others.Count} more" })], _fallbacks);
}
