using Habla.Storage;

namespace Habla.Corpus;

/// <summary>What a validation looks at: a corpus, and its splits and manifests where there are any.</summary>
public sealed record CorpusSources
{
    /// <summary>What was named to the command: a file or a folder.</summary>
    public required string Input { get; init; }

    /// <summary>The whole corpus.</summary>
    public required CorpusScan Corpus { get; init; }

    /// <summary>The splits found beside it; empty when there are none.</summary>
    public IReadOnlyList<SplitScan> Splits { get; init; } = [];

    /// <summary>Files that differ from what a manifest says of them.</summary>
    public IReadOnlyList<RowProblem> ManifestProblems { get; init; } = [];

    /// <summary>Whether a manifest was found.</summary>
    public bool HasManifest { get; init; }

    /// <summary>Finds the corpus and its splits.</summary>
    /// <param name="input">A corpus file, a folder written by `habla corpus build`, or one written by `habla corpus split`.</param>
    /// <exception cref="InvalidInputException">There is no corpus there, or a file cannot be read at all.</exception>
    public static CorpusSources Load(string input)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        if (!Directory.Exists(input))
        {
            return new CorpusSources { Input = input, Corpus = CorpusFile.Scan(input) };
        }

        CorpusManifest? manifest = CorpusFolder.ReadManifest(input);
        string whole = Path.Combine(input, CorpusFolder.CorpusFileName);
        if (File.Exists(whole))
        {
            return new CorpusSources
            {
                Input = input,
                Corpus = CorpusFile.Scan(whole),
                Splits = [.. Enum.GetValues<SplitPolicy>()
                    .Select(policy => (Policy: policy, Folder: Path.Combine(input, WireName.Of(policy))))
                    .Where(split => Directory.Exists(split.Folder))
                    .Select(split => SplitScan.Load(split.Folder, split.Policy))],
                HasManifest = manifest is not null,
                ManifestProblems = CompareFiles(input, manifest),
            };
        }

        if (manifest is not null && WireName.TryParse(manifest.Policy, out SplitPolicy only))
        {
            SplitScan split = SplitScan.Load(input, only);
            return new CorpusSources
            {
                Input = input,
                Corpus = split.Together(input),
                Splits = [split],
                HasManifest = true,
                ManifestProblems = CompareFiles(input, manifest),
            };
        }

        throw new InvalidInputException(
            $"{input}: holds neither {CorpusFolder.CorpusFileName} nor a split with its {CorpusManifest.FileName}; "
            + $"make one with `habla corpus build --out {input}`.");
    }

    private static RowProblem[] CompareFiles(string folder, CorpusManifest? manifest) =>
    [
        .. (manifest?.Files ?? []).SelectMany(file =>
        {
            string path = Path.Combine(folder, file.Path);
            string? problem = !File.Exists(path) ? "is listed in the manifest and missing"
                : ContentHash.OfFile(path) != file.Sha256 ? $"has another SHA-256 than the manifest says ({file.Sha256})"
                : null;
            return problem is null ? [] : new[] { new RowProblem(path, 0, "", problem) };
        }),
    ];
}
