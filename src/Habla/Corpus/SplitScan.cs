namespace Habla.Corpus;

/// <summary>The three files of a split as they were read.</summary>
/// <param name="Policy">What the split holds out.</param>
/// <param name="Parts">train, val and test, in this order.</param>
public sealed record SplitScan(SplitPolicy Policy, IReadOnlyList<(string Name, CorpusScan Scan)> Parts)
{
    private static readonly string[] PartNames = ["train", "val", "test"];

    /// <summary>Reads train.jsonl, val.jsonl and test.jsonl of a folder.</summary>
    /// <param name="folder">The split's folder.</param>
    /// <param name="policy">What it holds out.</param>
    /// <exception cref="InvalidInputException">One of the three cannot be read.</exception>
    public static SplitScan Load(string folder, SplitPolicy policy) =>
        new(policy, [.. PartNames.Select(name => (name, CorpusFile.Scan(Path.Combine(folder, name + ".jsonl"))))]);

    /// <summary>Treats a split in memory as if it had been read.</summary>
    /// <param name="split">The split.</param>
    public static SplitScan Of(CorpusSplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        string folder = WireName.Of(split.Policy);
        return new(split.Policy, [.. split.Parts.Select(part => (part.Name, CorpusScan.Of($"{folder}/{part.Name}.jsonl", part.Rows)))]);
    }

    internal CorpusScan Together(string file) =>
        new(file, [.. Parts.SelectMany(part => part.Scan.Rows)], [.. Parts.SelectMany(part => part.Scan.Problems)]);

    /// <summary>Every row with the name of its part.</summary>
    internal IEnumerable<(string Part, LocatedRow Located)> Rows =>
        Parts.SelectMany(part => part.Scan.Rows.Select(located => (part.Name, located)));
}
