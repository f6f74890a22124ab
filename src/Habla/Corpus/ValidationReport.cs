namespace Habla.Corpus;

/// <summary>What validation_report.json holds: every check by name, and the rows that failed it.</summary>
/// <param name="Input">What was validated.</param>
/// <param name="Passed">Whether no check failed.</param>
/// <param name="Rows">Rows that could be read.</param>
/// <param name="Checks">The checks in the order in which they ran.</param>
public sealed record ValidationReport(string Input, bool Passed, int Rows, IReadOnlyList<CheckResult> Checks);
