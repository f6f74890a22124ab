namespace Habla.Ingestion;

/// <summary>A file that was read, with what can be told of each text by itself.</summary>
/// <param name="File">The file.</param>
/// <param name="Extracted">What was found in it.</param>
/// <param name="Texts">One for each of its texts.</param>
/// <param name="Reused">Whether it came from the cache.</param>
/// <param name="ToKeep">Whether the cache has yet to take it.</param>
internal sealed record ReadFile(SourceFile File, ExtractedFile Extracted, IReadOnlyList<PreparedText> Texts, bool Reused, bool ToKeep)
{
    /// <summary>About how much memory it takes.</summary>
    public long Bytes => 4096 + Extracted.Result.Texts.Sum(text => (2L * text.Text.Length) + 1024);
}
