using System.Runtime.InteropServices;

namespace Habla.Baselines;

/// <summary>
/// Chooses α and the discounts on held-out slices of train. What the counts say about each held-out token is collected once;
/// after that, trying a set of parameters is a single pass over numbers. It never sees validation data.
/// </summary>
internal sealed class NgramTuner
{
    // So many tokens, spread evenly over the held-out slices, tell two discounts apart as well as a million would.
    private const int MostTokens = 20_000;
    private const int Sweeps = 2;

    // Shares of the largest discount possible: of 1 for n-grams seen once, 2 for twice, 3 for more.
    private static readonly double[] Shares =
        [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1];

    private readonly int _vocabularySize;
    private readonly List<NgramEvidence> _counts = [];
    private readonly List<NgramEvidence> _continuations = [];
    private readonly List<(int Begin, int Length)> _tokens = [];

    public NgramTuner(TuningSlices slices, int maximumOrder, int vocabularySize)
    {
        _vocabularySize = vocabularySize;
        long all = slices.HeldOut.Sum(slice => slices.Slice(slice).Sum(piece => (long)Math.Max(0, piece.Length - 1)));
        long stride = Math.Max(1, (all + MostTokens - 1) / MostTokens);
        long seen = 0;
        foreach (int heldOut in slices.HeldOut)
        {
            var counts = new NgramCounts(maximumOrder, vocabularySize, slices.AllBut(heldOut));
            foreach (ReadOnlyMemory<int> piece in slices.Slice(heldOut))
            {
                counts.Scan(piece.Span, (raw, continuation) =>
                {
                    if (seen++ % stride != 0)
                        return;
                    _tokens.Add((_counts.Count, raw.Length));
                    _counts.AddRange(raw);
                    _continuations.AddRange(continuation);
                });
            }
        }
    }

    /// <summary>The α of the grid with the lowest perplexity.</summary>
    public (NgramParameters Parameters, double Perplexity) AddAlpha(int order)
    {
        var (best, score) = (0.0, default(ProbabilityProduct?));
        foreach (double alpha in Baselines.AddAlpha.Grid)
        {
            var product = new ProbabilityProduct();
            ReadOnlySpan<NgramEvidence> counts = CollectionsMarshal.AsSpan(_counts);
            foreach (var (begin, length) in _tokens)
                product.Multiply(Baselines.AddAlpha.Probability(order, counts.Slice(begin, length), alpha, _vocabularySize));
            if (score is null || product.CompareTo(score.Value) > 0)
                (best, score) = (alpha, product);
        }

        return (new NgramParameters(best, null), score!.Value.Perplexity);
    }

    /// <summary>
    /// Starts from the better of the closed-form estimates and the best single discount, then improves one discount of one
    /// length at a time, twice around.
    /// </summary>
    public (NgramParameters Parameters, double Perplexity) KneserNey(int order, IReadOnlyList<KneserNeyDiscount> estimates)
    {
        KneserNeyDiscount[] best = [.. estimates];
        ProbabilityProduct score = Score(order, best);
        foreach (double share in Shares)
            Try([.. Enumerable.Repeat(KneserNeyDiscount.Single(share), order)]);
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int length = 0; length < order; length++)
            {
                foreach (double share in Shares)
                    TryOne(length, best[length] with { Once = share });
                foreach (double share in Shares)
                    TryOne(length, best[length] with { Twice = Math.Round(2 * share, 2) });
                foreach (double share in Shares)
                    TryOne(length, best[length] with { More = Math.Round(3 * share, 2) });
            }
        }

        return (new NgramParameters(null, best), score.Perplexity);

        void TryOne(int length, KneserNeyDiscount discount)
        {
            KneserNeyDiscount[] candidate = [.. best];
            candidate[length] = discount;
            Try(candidate);
        }

        void Try(KneserNeyDiscount[] candidate)
        {
            ProbabilityProduct product = Score(order, candidate);
            if (product.CompareTo(score) > 0)
                (best, score) = (candidate, product);
        }
    }

    private ProbabilityProduct Score(int order, KneserNeyDiscount[] discounts)
    {
        var product = new ProbabilityProduct();
        ReadOnlySpan<NgramEvidence> counts = CollectionsMarshal.AsSpan(_counts);
        ReadOnlySpan<NgramEvidence> continuations = CollectionsMarshal.AsSpan(_continuations);
        foreach (var (begin, length) in _tokens)
        {
            product.Multiply(Baselines.KneserNey.Probability(
                order, counts.Slice(begin, length), continuations.Slice(begin, length), discounts, _vocabularySize));
        }

        return product;
    }
}
