namespace Habla.Corpus;

/// <summary>All that a corpus file holds: the rows that can be read, and what is wrong with the lines that cannot.</summary>
/// <param name="File">The file as it was named to the command.</param>
/// <param name="Rows">The readable rows in file order.</param>
/// <param name="Problems">One entry for each unreadable line.</param>
public sealed record CorpusScan(string File, IReadOnlyList<LocatedRow> Rows, IReadOnlyList<RowProblem> Problems)
{
    /// <summary>Treats rows in memory as if they had been read from a file, one a line.</summary>
    /// <param name="file">The name to give them in messages.</param>
    /// <param name="rows">The rows.</param>
    public static CorpusScan Of(string file, IEnumerable<CorpusRow> rows) =>
        new(file, [.. rows.Select((row, index) => new LocatedRow(row, file, index + 1))], []);
}
