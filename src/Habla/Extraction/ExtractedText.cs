namespace Habla.Extraction;

/// <summary>A text that was found in a file: all of it, or a page, a sheet, a row or a member of it.</summary>
/// <param name="Text">The text; line ends are "\n". Unicode as it stands in the source, not normalized.</param>
/// <param name="Kind">What the text was in, such as <c>pdf</c> or <c>text</c>; of a member of an archive, the member's own kind.</param>
/// <param name="Part">Which page or member it is, such as <c>page 3</c> or <c>notes/a.txt</c>; null when it is the whole file.</param>
/// <param name="Extractor">The program or library that read it with its version, such as <c>pdftotext 22.12.0</c>.</param>
public sealed record ExtractedText(string Text, string Kind, string? Part, string Extractor);
