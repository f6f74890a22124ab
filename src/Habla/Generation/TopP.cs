using Habla.Tensors;

namespace Habla.Generation;

/// <summary>Keeps the fewest likeliest tokens whose probabilities reach a sum together.</summary>
/// <remarks>
/// Holtzman et al., "The curious case of neural text degeneration", ICLR 2020. Tokens are put into drawers of a similar probability, 3%
/// wide; whole drawers are kept up to the one in which the sum is reached, and that one alone is sorted. Ranking 128 tokens and eight
/// times as many whenever these did not reach was tried: 0.3 ms for 50,257 tokens where the model is sure, but 8 where it is not.
/// </remarks>
/// <param name="share">The sum; above 0, at most 1.</param>
public sealed class TopP(double share) : ISamplingStep
{
    private const int DrawerCount = 1024, DrawersANat = 32;

    private readonly double[] _sums = new double[DrawerCount];
    private short[] _drawers = [];
    private ulong[] _sorted = [];
    private int[] _kept = [];

    /// <inheritdoc/>
    public bool NeedsHistory => false;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        ReadOnlySpan<double> weights = candidates.Weights;
        if (_kept.Length < weights.Length)
        {
            (_kept, _drawers, _sorted) = (new int[weights.Length], new short[weights.Length], new ulong[weights.Length]);
        }

        PutIntoDrawers(candidates, weights);
        double enough = share * candidates.Total, sum = 0;
        int drawer = 0;
        while (drawer < DrawerCount - 1 && sum + _sums[drawer] < enough)
        {
            sum += _sums[drawer++];
        }

        ulong last = LastKept(candidates.Scores, weights, drawer, enough - sum);
        int kept = 0;
        for (int place = 0; place < weights.Length; place++)
        {
            if (_drawers[place] < drawer
                || (_drawers[place] == drawer && LikeliestFirst.Key(candidates.Scores[place], place) <= last))
            {
                _kept[kept++] = place;
            }
        }

        candidates.Keep(_kept.AsSpan(0, kept));
    }

    /// <summary>The likelier a token, the earlier its drawer: by how many nats it is behind the likeliest.</summary>
    private void PutIntoDrawers(Candidates candidates, ReadOnlySpan<double> weights)
    {
        Array.Clear(_sums);
        ReadOnlySpan<float> scores = candidates.Scores;
        double max = LogitMath.Max(scores), scale = candidates.Temperature / DrawersANat;
        for (int place = 0; place < scores.Length; place++)
        {
            int drawer = (int)Math.Min(DrawerCount - 1, (max - scores[place]) / scale);
            _drawers[place] = (short)drawer;
            _sums[drawer] += weights[place];
        }
    }

    /// <summary>The key of the last token of a drawer that is kept; of all its tokens when they do not reach, by a last bit.</summary>
    private ulong LastKept(ReadOnlySpan<float> scores, ReadOnlySpan<double> weights, int drawer, double enough)
    {
        int count = 0;
        for (int place = 0; place < scores.Length; place++)
        {
            if (_drawers[place] == drawer)
            {
                _sorted[count++] = LikeliestFirst.Key(scores[place], place);
            }
        }

        Span<ulong> sorted = _sorted.AsSpan(0, count);
        sorted.Sort();
        double sum = 0;
        foreach (ulong key in sorted)
        {
            sum += weights[(int)(uint)key];
            if (sum >= enough)
            {
                return key;
            }
        }

        return ulong.MaxValue;
    }
}
