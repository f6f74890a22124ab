using Habla.Tensors;

namespace Habla.Generation;

/// <summary>Chooses the next token from logits.</summary>
/// <remarks>Top-p: Holtzman et al., "The curious case of neural text degeneration", ICLR 2020.</remarks>
public sealed class Sampler
{
    // e^−700 is the smallest power that is still a normal float64; anything less likely is as good as impossible.
    private const double SmallestExponent = -700;

    private readonly SamplingOptions _options;
    private readonly SeededRandom _random;

    /// <summary>Creates a sampler.</summary>
    /// <param name="options">How to choose.</param>
    /// <exception cref="InvalidInputException">An option is impossible.</exception>
    public Sampler(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new SeededRandom(options.Seed, RandomPurpose.Sampling);
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">One number per token of the vocabulary.</param>
    /// <param name="draw">Which token of the text it is, from 0: the random number depends on it and on the seed alone.</param>
    /// <returns>The token, and the natural logarithm of its probability under the model (before temperature and cuts).</returns>
    /// <exception cref="InvalidInputException">There are no logits, or the largest is not a finite number.</exception>
    public (int Id, double LogProbability) Choose(ReadOnlySpan<float> logits, ulong draw)
    {
        // From likely to unlikely; equal ones in the order of their ids, so that the choice is the same everywhere.
        float[] scores = logits.ToArray();
        int[] ids = [.. Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).ThenBy(id => id)];
        if (ids.Length == 0 || !float.IsFinite(scores[ids[0]]) || float.IsNaN(scores[ids[^1]]))
        {
            throw new InvalidInputException("the model's logits are not finite numbers: its weights are damaged; use another checkpoint");
        }

        int chosen = _options.Temperature == 0 ? ids[0] : Draw(scores, ids, draw);
        return (chosen, scores[chosen] - LogSumExp(scores, scores[ids[0]]));
    }

    private int Draw(float[] scores, int[] ids, ulong draw)
    {
        double[] weights = [.. ids.Select(id => Exp((scores[id] - (double)scores[ids[0]]) / _options.Temperature))];
        int kept = Nucleus(weights.AsSpan(0, _options.TopK > 0 ? Math.Min(_options.TopK, ids.Length) : ids.Length));
        double target = _random.Uniform(draw) * Sum(weights.AsSpan(0, kept));
        for (int i = 0; i < kept; i++)
        {
            target -= weights[i];
            if (target < 0)
            {
                return ids[i];
            }
        }

        return ids[kept - 1];
    }

    /// <summary>How many of the likeliest reach a share of top-p together.</summary>
    private int Nucleus(ReadOnlySpan<double> weights)
    {
        double enough = _options.TopP * Sum(weights), sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            if (sum >= enough)
            {
                return i + 1;
            }
        }

        return weights.Length;
    }

    private static double LogSumExp(float[] scores, float max) =>
        max + PortableMath.Log(Sum([.. scores.Select(score => Exp((double)score - max))]));

    private static double Exp(double x) => PortableMath.Exp(Math.Max(SmallestExponent, x));

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
