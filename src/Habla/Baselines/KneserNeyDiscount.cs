namespace Habla.Baselines;

/// <summary>What modified Kneser–Ney takes off the counts of the n-grams of one length.</summary>
/// <param name="Once">Off a count of one; above 0, at most 1.</param>
/// <param name="Twice">Off a count of two; above 0, at most 2.</param>
/// <param name="More">Off a count of three or more; above 0, at most 3.</param>
public readonly record struct KneserNeyDiscount(double Once, double Twice, double More)
{
    // Something has to come off every count: it is all that unseen tokens ever get.
    private const double Least = 0.02;

    /// <summary>One discount for all counts.</summary>
    /// <param name="discount">In (0, 1].</param>
    public static KneserNeyDiscount Single(double discount) => new(discount, discount, discount);

    /// <summary>
    /// The estimate from the numbers of n-grams seen once, twice, three and four times. Where a number that it divides by is
    /// zero, as in tiny data, the single discount n₁ / (n₁ + 2 n₂) stands in, and ½ where that has nothing to go by either.
    /// </summary>
    /// <param name="countsOfCounts">At index i, how many n-grams were seen i times; five long.</param>
    /// <remarks>Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999, equation 17.</remarks>
    internal static KneserNeyDiscount Estimate(ReadOnlySpan<int> countsOfCounts)
    {
        double n1 = countsOfCounts[1], n2 = countsOfCounts[2], n3 = countsOfCounts[3], n4 = countsOfCounts[4];
        double single = n1 > 0 && n2 > 0 ? n1 / (n1 + (2 * n2)) : 0.5;
        return new(
            Within(1, n1 > 0 && n2 > 0 ? 1 - (2 * single * n2 / n1) : single),
            Within(2, n2 > 0 && n3 > 0 ? 2 - (3 * single * n3 / n2) : single),
            Within(3, n3 > 0 && n4 > 0 ? 3 - (4 * single * n4 / n3) : single));
    }

    internal double Off(int count) => count switch { 0 => 0, 1 => Once, 2 => Twice, _ => More };

    internal double MassOf(in ContextCounts context) => (Once * context.Once) + (Twice * context.Twice) + (More * context.More);

    private static double Within(double most, double estimate) => Math.Clamp(estimate, Least, most);
}
