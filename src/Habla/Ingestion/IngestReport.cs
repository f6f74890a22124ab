using Habla.Storage;

namespace Habla.Ingestion;

/// <summary>
/// What came of an ingestion: <c>ingest_report.json</c>. The same files and options give the same report, whenever and however fast.
/// </summary>
public sealed record IngestReport
{
    /// <summary>The file's name in the folder that ingestion writes.</summary>
    public const string Name = "ingest_report.json";

    /// <summary>The layout of this file: 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Files that were taken.</summary>
    public int Files { get; init; }

    /// <summary>Documents that were written.</summary>
    public long Documents { get; init; }

    /// <summary>Their characters, in Unicode code points.</summary>
    public long Characters { get; init; }

    /// <summary>By kind, in the order of names.</summary>
    public required IReadOnlyList<KindReport> Kinds { get; init; }

    /// <summary>How many parts were skipped for each reason: those of <see cref="Skipped"/> and of <see cref="Duplicates"/>.</summary>
    public required IReadOnlyDictionary<string, int> SkippedBy { get; init; }

    /// <summary>How much was left out by rule, and is not listed.</summary>
    public required LeftOut LeftOut { get; init; }

    /// <summary>Texts that were neither UTF-8 nor UTF-16 and were read as Latin-1.</summary>
    public int Latin1Fallbacks { get; init; }

    /// <summary>The files that those texts are in.</summary>
    public required IReadOnlyList<Latin1Source> ReadAsLatin1 { get; init; }

    /// <summary>What was asked for.</summary>
    public required ReportedOptions Options { get; init; }

    /// <summary>What the extractor's results depend on: programs, libraries, their versions and options.</summary>
    public required string Extractor { get; init; }

    /// <summary>Everything from which no document came: first what could not be looked at, then file by file.</summary>
    public required IReadOnlyList<SkippedSource> Skipped { get; init; }

    /// <summary>Every document that was dropped since another one stayed, in order.</summary>
    public required IReadOnlyList<DuplicateDocument> Duplicates { get; init; }

    /// <summary>Reads a report.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or is no report.</exception>
    public static IngestReport Read(string path) => JsonFormat.ReadFile<IngestReport>(path, "this is no report of habla ingest");
}
