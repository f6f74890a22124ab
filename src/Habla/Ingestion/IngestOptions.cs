using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>What is ingested, and how. Threads change the speed and never a byte of what is written.</summary>
public sealed record IngestOptions
{
    private const int DefaultMostCharacters = 100_000_000;

    /// <summary>The files and folders to read.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The folder to write to; it is made when missing, and never read itself.</summary>
    public required string Output { get; init; }

    /// <summary>Globs to take, as in <see cref="FileTreeOptions.Include"/>. Default all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Globs to leave out, as in <see cref="FileTreeOptions.Exclude"/>. Default none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The most files that are read, the first in order; null (the default) for all. At least 1.</summary>
    public int? MaxFiles { get; init; }

    /// <summary>The fewest characters of a document, white space at its ends not counted. Default 10; at least 1.</summary>
    public int MinCharacters { get; init; } = 10;

    /// <summary>From which similarity on a text is dropped as almost the same as one before it; 0 keeps all. 0 to 1, default 0.8.</summary>
    public double NearDuplicates { get; init; } = 0.8;

    /// <summary>Files that are read at the same time. Default the number of cores; at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>What the extractor was made with.</summary>
    public ExtractionOptions Extraction { get; init; } = new();

    /// <summary>
    /// The most characters of one document, in UTF-16 units. A JSON string ends at 166,666,666 of them; tests make it smaller.
    /// </summary>
    internal int MostCharacters { get; init; } = DefaultMostCharacters;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range.</exception>
    public void Validate()
    {
        Require(Paths.Count > 0, nameof(Paths), "expected at least one file or folder");
        Require(Output.Length > 0, nameof(Output), "expected a folder to write to");
        Require(MaxFiles is null or >= 1, nameof(MaxFiles), "expected 1 or more");
        Require(MinCharacters >= 1, nameof(MinCharacters), "expected 1 or more");
        Require(NearDuplicates is >= 0 and <= 1, nameof(NearDuplicates), "expected 0 (keep all) to 1");
        Require(Threads >= 1, nameof(Threads), "expected 1 or more");
    }

    private static void Require(bool holds, string option, string expected)
    {
        if (!holds)
        {
            throw new InvalidInputException($"{option}: {expected}.");
        }
    }
}
