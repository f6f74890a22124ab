namespace Habla.Ingestion;

/// <summary>A file that is to be read.</summary>
/// <param name="Source">Its path from the folder that was given, with "/", as documents name it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Its size in bytes when it was found.</param>
/// <param name="Modified">When it was changed last, in ticks of 100 nanoseconds of UTC.</param>
public sealed record SourceFile(string Source, string Path, long Length, long Modified);
