namespace Habla.Corpus;

/// <summary>One check and how it went.</summary>
/// <param name="Name">The check's name, for instance "unique_fingerprints".</param>
/// <param name="Meaning">What holds when it passes.</param>
/// <param name="Status">"passed", "failed", or "skipped" when there are no splits to check.</param>
/// <param name="ProblemCount">How many problems it found.</param>
/// <param name="Problems">The first <see cref="CorpusValidator.ProblemsShown"/> of them.</param>
public sealed record CheckResult(
    string Name, string Meaning, string Status, int ProblemCount, IReadOnlyList<RowProblem> Problems);
