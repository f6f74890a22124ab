namespace Habla.Extraction;

/// <summary>Where what is found in a file goes, in the order in which it is found.</summary>
internal interface IExtractionSink
{
    /// <summary>A text was found.</summary>
    void Add(ExtractedText text);

    /// <summary>A part gave no text.</summary>
    void Add(SkippedPart part);

    /// <summary>A text was neither UTF-8 nor UTF-16.</summary>
    void CountFallback();

    /// <summary>A page or a member is read next; the time limit counts from here.</summary>
    void Begin(string? part);
}
