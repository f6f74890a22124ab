namespace Habla.Extraction;

/// <summary>Keeps what is found, for the result.</summary>
internal sealed class CollectingSink : IExtractionSink
{
    private readonly List<ExtractedText> _texts = [];
    private readonly List<SkippedPart> _skipped = [];
    private int _fallbacks;

    /// <summary>The page or member that was begun last.</summary>
    public string? Current { get; private set; }

    public void Add(ExtractedText text) => _texts.Add(text);

    public void Add(SkippedPart part) => _skipped.Add(part);

    public void CountFallback() => _fallbacks++;

    public void Begin(string? part) => Current = part;

    /// <summary>All of it.</summary>
    /// <param name="kind">What the file is.</param>
    public ExtractionResult Result(string kind) => new(kind, _texts, _skipped, _fallbacks);
}
