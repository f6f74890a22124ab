namespace Habla.Baselines;

/// <summary>An n-gram model: a probability for every token of the vocabulary in every context; they sum to 1.</summary>
public sealed class NgramModel
{
    private readonly NgramCounts _counts;
    private readonly KneserNeyDiscount[] _discounts;

    internal NgramModel(NgramCounts counts, NgramFamily family, int order, NgramParameters parameters)
    {
        _counts = counts;
        _discounts = [.. parameters.Discounts ?? []];
        Family = family;
        Order = order;
        Parameters = parameters;
    }

    /// <summary>How it smooths.</summary>
    public NgramFamily Family { get; }

    /// <summary>n: it looks at the n − 1 tokens before.</summary>
    public int Order { get; }

    /// <summary>What was tuned.</summary>
    public NgramParameters Parameters { get; }

    /// <summary>Counts sequences into a model with given parameters.</summary>
    /// <param name="sequences">Token ids in [0, V).</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="family">How to smooth.</param>
    /// <param name="order">n; at least 1.</param>
    /// <param name="parameters">α, or a discount for each length 1 … n.</param>
    public static NgramModel Fit(
        IReadOnlyList<int[]> sequences, int vocabularySize, NgramFamily family, int order, NgramParameters parameters) =>
        new(new NgramCounts(order, vocabularySize, sequences.Select(ids => (ReadOnlyMemory<int>)ids)), family, order, parameters);

    /// <summary>The probability that a token comes next.</summary>
    /// <param name="context">The sequence so far, from its first token; only the last n − 1 matter.</param>
    /// <param name="token">The token asked for.</param>
    public double Probability(ReadOnlySpan<int> context, int token)
    {
        Span<NgramEvidence> counts = stackalloc NgramEvidence[_counts.Order];
        Span<NgramEvidence> continuations = stackalloc NgramEvidence[_counts.Order];
        int longest = _counts.Look(context, token, counts, continuations);
        return Probability(counts[..longest], continuations[..longest]);
    }

    internal double Probability(ReadOnlySpan<NgramEvidence> counts, ReadOnlySpan<NgramEvidence> continuations) =>
        Family == NgramFamily.AddAlpha
            ? AddAlpha.Probability(Order, counts, Parameters.Alpha!.Value, _counts.VocabularySize)
            : KneserNey.Probability(Order, counts, continuations, _discounts, _counts.VocabularySize);
}
