namespace Habla.Evaluation;

/// <summary>How likely a model held a text after another.</summary>
/// <param name="LogProbabilities">The natural logarithm of each of its tokens' probability; at least one.</param>
public sealed record ContinuationScore(IReadOnlyList<double> LogProbabilities)
{
    /// <summary>The natural logarithm of the whole continuation's probability: longer ones have less.</summary>
    public double Sum => LogProbabilities.Sum();

    /// <summary>The mean per token, which compares continuations of different lengths.</summary>
    public double Mean => Sum / LogProbabilities.Count;
}
