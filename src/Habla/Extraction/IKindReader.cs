namespace Habla.Extraction;

/// <summary>Reads files of one kind.</summary>
internal interface IKindReader
{
    /// <summary>Reads all texts of a file.</summary>
    /// <param name="source">The file or member.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="part">Where in the whole file it is; null for the whole file.</param>
    /// <param name="reading">Takes what is found.</param>
    /// <exception cref="SkipException">No text comes from it.</exception>
    void Read(SourceContent source, string kind, string? part, FileReading reading);
}
