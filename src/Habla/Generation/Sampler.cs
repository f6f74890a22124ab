using Habla.Tensors;

namespace Habla.Generation;

/// <summary>Chooses the next token from logits: steps that change and cut the candidates, then a draw among those that are left.</summary>
/// <remarks>
/// The draw's random number is a function of (seed, sample, token), so a text does not depend on how many are made side by side, on
/// threads, or on what was drawn before. It walks over the candidates in the order of their ids. One sampler serves any number of
/// samples, one choice at a time; after the first choice it allocates nothing.
/// </remarks>
public sealed class Sampler
{
    private readonly ISamplingStep[] _steps;
    private readonly ulong _seed;
    private readonly Candidates _candidates = new();

    /// <summary>Creates a sampler from options, with their steps in the order that <see cref="SamplingOptions"/> states.</summary>
    /// <param name="options">How to choose.</param>
    /// <exception cref="InvalidInputException">An option is impossible.</exception>
    public Sampler(SamplingOptions options)
        : this(StepsOf(options), options.Seed)
    {
    }

    /// <summary>Creates a sampler from steps of one's own.</summary>
    /// <param name="steps">What to do, in this order.</param>
    /// <param name="seed">The seed of the draws; default 0.</param>
    public Sampler(IEnumerable<ISamplingStep> steps, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(steps);
        (_steps, _seed) = ([.. steps], seed);
    }

    /// <summary>Whether choices depend on the tokens before, so that <see cref="Choose"/> needs their history.</summary>
    public bool NeedsHistory => Array.Exists(_steps, step => step.NeedsHistory);

    /// <summary>The natural logarithm of a token's probability under the model, before any step.</summary>
    /// <param name="logits">One number per token of the vocabulary; the largest is finite.</param>
    /// <param name="id">The token.</param>
    public static double LogProbability(ReadOnlySpan<float> logits, int id) => logits[id] - LogitMath.LogSumExp(logits);

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">One number per token of the vocabulary, <c>[V]</c>.</param>
    /// <param name="token">Which token of the text it is, from 0.</param>
    /// <param name="sample">Which of several texts from one prompt it is; default 0.</param>
    /// <param name="history">What penalties go by; null (the default) for a text that has no token yet.</param>
    /// <returns>The token's id.</returns>
    /// <exception cref="InvalidInputException">
    /// There are no logits, one is NaN, the largest is not finite, or the steps leave no token.
    /// </exception>
    public int Choose(ReadOnlySpan<float> logits, ulong token, uint sample = 0, TokenHistory? history = null)
    {
        if (!float.IsFinite(LogitMath.Max(logits)))
        {
            throw new InvalidInputException("the model's logits are not finite numbers: its weights are damaged; use another checkpoint");
        }

        _candidates.Reset(logits);
        foreach (ISamplingStep step in _steps)
        {
            step.Apply(_candidates, history ?? TokenHistory.Empty);
        }

        return _candidates.Count == 1 ? _candidates.IdAt(0) : Draw(token, sample);
    }

    private static List<ISamplingStep> StepsOf(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        List<ISamplingStep> steps = [];
        Add(options.LogitBias.Count > 0, () => new LogitBias(options.LogitBias));
        Add(options.RepetitionPenalty != 1, () => new RepetitionPenalty(options.RepetitionPenalty));
        Add(
            options.FrequencyPenalty != 0 || options.PresencePenalty != 0,
            () => new FrequencyPenalty(options.FrequencyPenalty, options.PresencePenalty));
        Add(options.Temperature != 1, () => new Temperature(options.Temperature));
        Add(!options.IsGreedy && options.TopK > 0, () => new TopK(options.TopK));
        Add(!options.IsGreedy && options.TopP < 1, () => new TopP(options.TopP));
        Add(!options.IsGreedy && options.MinP > 0, () => new MinP(options.MinP));
        return steps;

        void Add(bool isWanted, Func<ISamplingStep> step)
        {
            if (isWanted)
            {
                steps.Add(step());
            }
        }
    }

    private int Draw(ulong token, uint sample)
    {
        _candidates.OrderById();
        ReadOnlySpan<double> weights = _candidates.Weights;
        double target = Uniform(token, sample) * _candidates.Total;
        int last = 0;
        for (int place = 0; place < weights.Length; place++)
        {
            if (weights[place] > 0)
            {
                (target, last) = (target - weights[place], place);
                if (target < 0)
                {
                    break;
                }
            }
        }

        return _candidates.IdAt(last);
    }

    /// <summary>Uniform in [0, 1) in steps of 2⁻⁵³: in coarser ones, some of 50,000 tokens could never come.</summary>
    private double Uniform(ulong token, uint sample)
    {
        PhiloxBlock block = new SeededRandom(_seed, RandomPurpose.Sampling, sample).Block(token);
        return ((((ulong)block.W0 << 32) | block.W1) >> 11) * (1.0 / (1ul << 53));
    }
}
