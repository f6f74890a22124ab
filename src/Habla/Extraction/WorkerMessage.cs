namespace Habla.Extraction;

/// <summary>What a worker says, one JSON object a line; it has one of these.</summary>
internal sealed record WorkerMessage
{
    /// <summary>It has started and waits for files.</summary>
    public bool? Ready { get; init; }

    /// <summary>It begins a page or member.</summary>
    public bool? Begin { get; init; }

    /// <summary>Which page or member it begins; null for the whole file.</summary>
    public string? Part { get; init; }

    /// <summary>A text that it found.</summary>
    public ExtractedText? Text { get; init; }

    /// <summary>A part that gave no text.</summary>
    public SkippedPart? Skipped { get; init; }

    /// <summary>A text was read as Latin-1.</summary>
    public bool? Fallback { get; init; }

    /// <summary>The file is read; what kind it is.</summary>
    public string? Done { get; init; }
}
