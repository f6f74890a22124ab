namespace Habla.Corpus;

/// <summary>Runs every check on a corpus and its splits; see docs/corpus.md for the list.</summary>
public static class CorpusValidator
{
    /// <summary>How many problems of one check a report shows.</summary>
    public const int ProblemsShown = 20;

    /// <summary>The report's file name.</summary>
    public const string ReportFileName = "validation_report.json";

    private static readonly CorpusCheck[] Checks = [.. RowChecks.All, .. TableChecks.All, .. SplitChecks.All];

    /// <summary>The names of all checks, in the order in which they run.</summary>
    public static IReadOnlyList<string> CheckNames { get; } = [.. Checks.Select(check => check.Name)];

    /// <summary>Validates what was read; a failing check does not stop the next.</summary>
    /// <param name="sources">The corpus and what lies beside it.</param>
    public static ValidationReport Validate(CorpusSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        CheckResult[] results = [.. Checks.Select(check => Run(check, sources))];
        return new ValidationReport(
            sources.Input, results.All(result => result.ProblemCount == 0), sources.Corpus.Rows.Count, results);
    }

    /// <summary>Validates a corpus in memory together with its three splits.</summary>
    /// <param name="rows">The corpus.</param>
    /// <param name="seed">The seed of the splits.</param>
    public static ValidationReport Validate(IReadOnlyList<CorpusRow> rows, ulong seed) => Validate(new CorpusSources
    {
        Input = "corpus",
        Corpus = CorpusScan.Of(CorpusFolder.CorpusFileName, rows),
        Splits = [.. Enum.GetValues<SplitPolicy>().Select(policy => SplitScan.Of(CorpusSplitter.Split(rows, policy, seed)))],
    });

    private static CheckResult Run(CorpusCheck check, CorpusSources sources)
    {
        if (!check.Applies(sources))
        {
            return new CheckResult(check.Name, check.Meaning, "skipped", 0, []);
        }

        RowProblem[] problems = [.. check.Find(sources)];
        string status = problems.Length == 0 ? "passed" : "failed";
        return new CheckResult(check.Name, check.Meaning, status, problems.Length, [.. problems.Take(ProblemsShown)]);
    }
}
