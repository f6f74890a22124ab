namespace Habla.Baselines;

/// <summary>
/// Interpolated modified Kneser–Ney. The longest context uses counts, each shorter one continuation counts (after how many
/// distinct tokens did it occur), and below the unigrams stands 1 / V, so that every token has a probability in every context:
/// P(w | h) = (c(h w) − D(c(h w)) + mass taken off after h · P(w | h without its first token)) / c(h).
/// </summary>
/// <remarks>Kneser and Ney 1995; Chen and Goodman 1999.</remarks>
internal static class KneserNey
{
    /// <param name="order">n: contexts of up to n − 1 tokens.</param>
    /// <param name="counts">Evidence in counts, by context length.</param>
    /// <param name="continuations">Evidence in continuation counts, by context length.</param>
    /// <param name="discounts">By n-gram length − 1.</param>
    /// <param name="vocabularySize">V.</param>
    public static double Probability(
        int order,
        ReadOnlySpan<NgramEvidence> counts,
        ReadOnlySpan<NgramEvidence> continuations,
        ReadOnlySpan<KneserNeyDiscount> discounts,
        int vocabularySize)
    {
        double probability = 1.0 / vocabularySize;
        int longest = Math.Min(order, counts.Length);
        for (int i = 0; i < longest; i++)
        {
            NgramEvidence evidence = i == order - 1 ? counts[i] : continuations[i];

            // A context that was never seen says nothing, and neither does a longer one that ends in it.
            if (evidence.Context.Total == 0)
                break;
            double kept = evidence.Count - discounts[i].Off(evidence.Count);
            probability = (kept + (discounts[i].MassOf(evidence.Context) * probability)) / evidence.Context.Total;
        }

        return probability;
    }
}
