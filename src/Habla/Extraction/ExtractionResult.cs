namespace Habla.Extraction;

/// <summary>What came of one file.</summary>
/// <param name="Kind">What the file is, by its content where its name lies: <c>pdf</c>, <c>zip</c>, <c>text</c> and so on.</param>
/// <param name="Texts">The texts, in the order in which they stand in the file.</param>
/// <param name="Skipped">What no text came from.</param>
/// <param name="Latin1Fallbacks">How many texts were neither UTF-8 nor UTF-16, and were read as Latin-1.</param>
public sealed record ExtractionResult(
    string Kind, IReadOnlyList<ExtractedText> Texts, IReadOnlyList<SkippedPart> Skipped, int Latin1Fallbacks = 0);
