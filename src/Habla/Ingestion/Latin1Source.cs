namespace Habla.Ingestion;

/// <summary>A file with text that is neither UTF-8 nor UTF-16 and was read as Latin-1, which may be the wrong guess.</summary>
/// <param name="Source">The file, relative to the folder that was given.</param>
/// <param name="Texts">How many of its texts were; more than one in an archive.</param>
public sealed record Latin1Source(string Source, int Texts);
