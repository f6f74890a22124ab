namespace Habla.Baselines;

/// <summary>Additive smoothing: P(w | h) = (c(h w) + α) / (c(h) + α V). An unseen context gives every token 1 / V.</summary>
internal static class AddAlpha
{
    /// <summary>The values of α that are tried.</summary>
    public static IReadOnlyList<double> Grid { get; } = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

    public static double Probability(int order, ReadOnlySpan<NgramEvidence> counts, double alpha, int vocabularySize)
    {
        NgramEvidence evidence = counts[Math.Min(order, counts.Length) - 1];
        return (evidence.Count + alpha) / (evidence.Context.Total + (alpha * vocabularySize));
    }
}
