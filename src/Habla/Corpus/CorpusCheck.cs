namespace Habla.Corpus;

/// <summary>A named rule that a corpus has to keep.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Meaning">What holds when it passes.</param>
/// <param name="Find">Finds what breaks it.</param>
internal sealed record CorpusCheck(string Name, string Meaning, Func<CorpusSources, IEnumerable<RowProblem>> Find)
{
    /// <summary>Whether there is anything to check; when not, the report says "skipped".</summary>
    public Func<CorpusSources, bool> Applies { get; init; } = _ => true;
}
