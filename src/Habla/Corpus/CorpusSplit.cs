namespace Habla.Corpus;

/// <summary>A corpus in three parts that share no cell and no text.</summary>
/// <param name="Policy">What was held out.</param>
/// <param name="Seed">The seed that chose what was held out; verbs_4 does not depend on it.</param>
/// <param name="Train">The rows to learn from, in corpus order.</param>
/// <param name="Val">The rows that training is judged by.</param>
/// <param name="Test">The rows kept for the end.</param>
public sealed record CorpusSplit(
    SplitPolicy Policy,
    ulong Seed,
    IReadOnlyList<CorpusRow> Train,
    IReadOnlyList<CorpusRow> Val,
    IReadOnlyList<CorpusRow> Test)
{
    /// <summary>The three parts with their names, in this order: train, val, test.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<CorpusRow> Rows)> Parts =>
        [("train", Train), ("val", Val), ("test", Test)];
}
