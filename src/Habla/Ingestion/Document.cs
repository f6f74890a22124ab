namespace Habla.Ingestion;

/// <summary>A text to learn from, and where it came from.</summary>
/// <param name="Id">16 hexadecimal digits made of the source and the part: the same in every run, and no other document's.</param>
/// <param name="Text">The text; line ends are "\n".</param>
/// <param name="Source">The file, relative to the folder that was given, with "/".</param>
/// <param name="Kind">What the text was in, such as <c>pdf</c>; of a member of an archive, the member's own kind.</param>
/// <param name="Part">Which page or member of the file, such as <c>page 3</c>; null when it is the whole file.</param>
/// <param name="Sha256">The SHA-256 of the source file's bytes, as 64 lower-case hexadecimal digits.</param>
/// <param name="Extractor">The program or library that read it with its version.</param>
/// <param name="Characters">The text's length in Unicode code points.</param>
public sealed record Document(
    string Id, string Text, string Source, string Kind, string? Part, string Sha256, string Extractor, long Characters);
