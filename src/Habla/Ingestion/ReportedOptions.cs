using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>The options that decide what is written.</summary>
/// <param name="Include">Globs to take.</param>
/// <param name="Exclude">Globs to leave out.</param>
/// <param name="MaxFiles">The most files; null for all.</param>
/// <param name="MinCharacters">The fewest characters of a document.</param>
/// <param name="NearDuplicates">The similarity from which on texts are dropped; 0 keeps all.</param>
/// <param name="Extraction">What the extractor was made with.</param>
public sealed record ReportedOptions(
    IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, int? MaxFiles, int MinCharacters, double NearDuplicates,
    ExtractionOptions Extraction);
