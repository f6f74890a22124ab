using Habla.Generation;
using Habla.Tensors;

namespace Habla.Tests.Generation;

/// <summary>Every choice against a float64 expectation, and frequencies against probabilities.</summary>
public class SamplerTests
{
    private const int Draws = 20_000;

    private static readonly float[] s_logits = [0.5f, 2f, -1f, 2f, 0f, 1.5f, -3f, 0.25f];
    private static readonly int[] s_prompt = [5, 2], s_said = [1, 4, 1, 1];

    /// <summary>Each cut alone, each change alone, and all together.</summary>
    public static TheoryData<SamplingOptions> Ways() =>
    [
        new(), new() { Temperature = 0.5 }, new() { Temperature = 2 }, new() { TopK = 1 }, new() { TopK = 3 }, new() { TopK = 100 },
        new() { TopP = 0.6 }, new() { TopP = 0.95 }, new() { TopP = 1e-9 }, new() { MinP = 0.3 }, new() { MinP = 1 },
        new() { Temperature = 0.7, TopK = 5, TopP = 0.9 }, new() { Temperature = 1.5, TopP = 0.8, MinP = 0.2 },
        new() { TopK = 6, MinP = 0.1 }, new() { TopK = 7, TopP = 0.97, MinP = 0.05, Temperature = 3 },
        new() { LogitBias = new Dictionary<int, double> { [6] = 5.5, [1] = double.NegativeInfinity } },
        new() { RepetitionPenalty = 1.7 }, new() { RepetitionPenalty = 0.5 }, new() { FrequencyPenalty = 0.4 },
        new() { PresencePenalty = 1.1 }, new() { PresencePenalty = -1, FrequencyPenalty = -0.2 },
        new() { Temperature = 0, PresencePenalty = 2, LogitBias = new Dictionary<int, double> { [3] = -1 } },
        new()
        {
            LogitBias = new Dictionary<int, double> { [0] = 1.25, [7] = -2 }, RepetitionPenalty = 1.3, FrequencyPenalty = 0.3,
            PresencePenalty = 0.2, Temperature = 1.4, TopK = 7, TopP = 0.95, MinP = 0.08,
        },
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Each_draw_is_where_the_random_number_falls_in_the_probabilities(SamplingOptions options)
    {
        var sampler = new Sampler(options with { Seed = 11 });
        double[] probabilities = SamplingExpectation.Probabilities(s_logits, options, s_prompt, s_said);
        for (ulong token = 0; token < 2_000; token++)
        {
            PhiloxBlock block = new SeededRandom(11, RandomPurpose.Sampling, 3).Block(token);
            double target = ((block.W0 * 4294967296.0) + block.W1) / 18446744073709551616.0, sum = 0;
            int expected = Array.FindIndex(probabilities, probability => (sum += probability) > target);
            bool isBorder = Math.Abs(sum - target) < 1e-6 || Math.Abs(sum - probabilities[Math.Max(expected, 0)] - target) < 1e-6;
            int id = sampler.Choose(s_logits, token, sample: 3, History());
            Assert.True(id == expected || isBorder, $"token {token}: {id} instead of {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Frequencies_are_the_probabilities(SamplingOptions options)
    {
        var sampler = new Sampler(options with { Seed = 3 });
        TokenHistory history = History();
        int[] counts = new int[s_logits.Length];
        for (int draw = 0; draw < Draws; draw++)
        {
            counts[sampler.Choose(s_logits, (ulong)draw / 4, (uint)draw % 4, history)]++;
        }

        double chiSquare = 0;
        double[] probabilities = SamplingExpectation.Probabilities(s_logits, options, s_prompt, s_said);
        for (int id = 0; id < counts.Length; id++)
        {
            double expected = Draws * probabilities[id];
            Assert.True(expected > 0 || counts[id] == 0, $"token {id} was cut away and came {counts[id]} times");
            chiSquare += expected > 0 ? (counts[id] - expected) * (counts[id] - expected) / expected : 0;
        }

        // 7 degrees of freedom at most: above 30 once in 10,000 seeds, and the seed is fixed.
        Assert.InRange(chiSquare, 0, 30);
    }

    [Theory]
    [InlineData(0.9, 0, 0, 1.0)]
    [InlineData(0.5, 0, 0, 2.0)]
    [InlineData(0.999, 0, 0, 0.05)]
    [InlineData(1, 40, 0, 1.0)]
    [InlineData(1, 0, 0.05, 1.0)]
    [InlineData(0.95, 2_000, 0.001, 1.3)]
    public void A_large_vocabulary_is_cut_where_a_full_sort_would_cut_it(double topP, int topK, double minP, double spread)
    {
        var random = new SeededRandom(8, RandomPurpose.Corpus);
        float[] logits = [.. Enumerable.Range(0, 5_000).Select(id => (float)(spread * random.Normal((ulong)id)))];
        var options = new SamplingOptions { TopP = topP, TopK = topK, MinP = minP, Seed = 5 };
        double[] probabilities = SamplingExpectation.Probabilities(logits, options);
        var sampler = new Sampler(options);
        for (ulong token = 0; token < 300; token++)
        {
            PhiloxBlock block = new SeededRandom(5, RandomPurpose.Sampling).Block(token);
            double target = ((block.W0 * 4294967296.0) + block.W1) / 18446744073709551616.0, sum = 0;
            int expected = Array.FindIndex(probabilities, probability => (sum += probability) > target);
            Assert.Equal(expected, sampler.Choose(logits, token));
        }
    }

    [Fact]
    public void Greedy_takes_the_likeliest_and_of_equals_the_first()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0, TopK = 5, TopP = 0.3, MinP = 0.2 });
        Assert.All(Enumerable.Range(0, 20), token => Assert.Equal(1, sampler.Choose(s_logits, (ulong)token)));
        Assert.Equal(0, sampler.Choose([-0f, 0f], 0));
        Assert.Equal(0, sampler.Choose([0f, -0f], 0));
        Assert.Equal(2, sampler.Choose([float.NegativeInfinity, -5, -4], 0));
    }

    [Fact]
    public void Greedy_allocates_nothing_and_neither_does_a_draw()
    {
        var options = new SamplingOptions { FrequencyPenalty = 0.1, TopK = 5, TopP = 0.9, MinP = 0.01 };
        Sampler[] samplers = [new(new SamplingOptions { Temperature = 0 }), new(options)];
        TokenHistory history = History();
        foreach (Sampler sampler in samplers)
        {
            sampler.Choose(s_logits, 0, 0, history);
            long before = GC.GetAllocatedBytesForCurrentThread();
            sampler.Choose(s_logits, 1, 0, history);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_probability_is_the_model_s_own()
    {
        double all = Math.Log(s_logits.Sum(logit => Math.Exp(logit)));
        Assert.All(
            Enumerable.Range(0, s_logits.Length), id => Assert.Equal(s_logits[id] - all, Sampler.LogProbability(s_logits, id), 1e-12));
        Assert.Equal(-Math.Log(1 + Math.Exp(-1)), Sampler.LogProbability([1000, 999, 0, -1000], 0), 1e-12);
    }

    [Fact]
    public void A_cut_keeps_the_lower_id_of_two_equals()
    {
        Assert.Equal([1], Kept(s_logits, new SamplingOptions { TopK = 1, Temperature = 3 }));
        Assert.Equal([1, 3], Kept(s_logits, new SamplingOptions { TopK = 2 }));
        Assert.Equal([0, 1], Kept(new float[40], new SamplingOptions { TopK = 2 }));
        Assert.Equal([0, 1, 2], Kept(new float[40], new SamplingOptions { TopP = 0.07 }));
        Assert.Equal(4, Kept(new float[4], new SamplingOptions { MinP = 1 }).Length);
    }

    [Fact]
    public void Top_p_keeps_the_fewest_that_reach_the_share_and_min_p_those_near_the_likeliest()
    {
        float[] logits = [MathF.Log(0.15f), MathF.Log(0.5f), MathF.Log(0.05f), MathF.Log(0.3f)];
        Assert.Equal([1], Kept(logits, new SamplingOptions { TopP = 0.4 }));
        Assert.Equal([1, 3], Kept(logits, new SamplingOptions { TopP = 0.6 }));
        Assert.Equal([1, 3], Kept(logits, new SamplingOptions { TopP = 0.79 }));
        Assert.Equal([0, 1, 3], Kept(logits, new SamplingOptions { TopP = 0.81 }));
        Assert.Equal([0, 1, 2, 3], Kept(logits, new SamplingOptions { TopP = 0.96 }));
        Assert.Equal([1, 3], Kept(logits, new SamplingOptions { MinP = 0.59 }));
        Assert.Equal([0, 1, 3], Kept(logits, new SamplingOptions { MinP = 0.29 }));

        // Each cut counts on what the one before it left: 0.5 of 0.8 is enough for 0.6.
        Assert.Equal([1], Kept(logits, new SamplingOptions { TopK = 2, TopP = 0.6 }));
    }

    [Fact]
    public void A_draw_depends_on_seed_sample_and_token_alone()
    {
        Sampler first = new(new SamplingOptions { Seed = 5 }), same = new(new SamplingOptions { Seed = 5 }),
            other = new(new SamplingOptions { Seed = 6 });
        int[] forwards = [.. Enumerable.Range(0, 100).Select(token => first.Choose(s_logits, (ulong)token))];
        int[] backwards = [.. Enumerable.Range(0, 100).Reverse().Select(token => same.Choose(s_logits, (ulong)token)).Reverse()];
        Assert.Equal(forwards, backwards);
        Assert.NotEqual(forwards, Enumerable.Range(0, 100).Select(token => other.Choose(s_logits, (ulong)token)));
        Assert.NotEqual(forwards, Enumerable.Range(0, 100).Select(token => first.Choose(s_logits, (ulong)token, sample: 1)));
    }

    [Fact]
    public void Steps_of_one_s_own_come_in_the_order_given()
    {
        var bias = new LogitBias(new Dictionary<int, double> { [6] = 100 });
        Assert.Equal(6, new Sampler([bias, new TopK(1)]).Choose(s_logits, 0));
        Assert.Equal(1, new Sampler([new TopK(1), bias]).Choose(s_logits, 0));
        Assert.False(new Sampler([bias, new TopK(1)]).NeedsHistory);
        Assert.True(new Sampler(new SamplingOptions { PresencePenalty = 1 }).NeedsHistory);
    }

    [Fact]
    public void Extreme_logits_and_temperatures_do_no_harm()
    {
        float[] far = [1000, 999, 0, -1000];
        Assert.Equal(0, new Sampler(new SamplingOptions { Temperature = 1e-6 }).Choose(far, 0));
        Assert.Equal(0, new Sampler(new SamplingOptions { Temperature = double.Epsilon }).Choose(far, 0));
        Assert.Equal([0, 1, 2, 3], Kept(far, new SamplingOptions { Temperature = 1e300 }));
        Assert.Equal(0, new Sampler(new SamplingOptions()).Choose([-7f], 3));
        var huge = new SamplingOptions { LogitBias = new Dictionary<int, double> { [2] = 1e300 }, Temperature = 0.5 };
        Assert.Equal([2], Kept(far, huge));
    }

    [Fact]
    public void An_impossible_token_is_never_said()
    {
        float[] logits = [float.NegativeInfinity, 1, 1, float.NegativeInfinity];
        Assert.Equal([1, 2], Kept(logits, new SamplingOptions { Temperature = 5 }));
        Assert.Equal([1, 2], Kept(logits, new SamplingOptions { Temperature = 5, TopK = 4, TopP = 0.9999999 }));
        Assert.Equal([1, 2], Kept(logits, new SamplingOptions { RepetitionPenalty = 3 }));
        float[] lastAlone = [float.NegativeInfinity, float.NegativeInfinity, -2];
        Assert.Equal([2], Kept(lastAlone, new SamplingOptions()));
        var bans = Enumerable.Range(0, 8).Where(id => id != 4).ToDictionary(id => id, _ => double.NegativeInfinity);
        Assert.Equal([4], Kept(s_logits, new SamplingOptions { LogitBias = bans }));
    }

    [Fact]
    public void All_tokens_forbidden_is_refused()
    {
        var bans = Enumerable.Range(0, 8).ToDictionary(id => id, _ => double.NegativeInfinity);
        foreach (double temperature in (double[])[0, 1])
        {
            var sampler = new Sampler(new SamplingOptions { LogitBias = bans, Temperature = temperature });
            Assert.StartsWith(
                "logit-bias: ", Assert.Throws<InvalidInputException>(() => sampler.Choose(s_logits, 0)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(float.PositiveInfinity, 1)]
    public void Logits_that_are_no_numbers_are_refused(float bad, double temperature)
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = temperature });
        Assert.Contains("weights are damaged", Assert.Throws<InvalidInputException>(() => sampler.Choose([1, bad, 2], 0))
            .Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => sampler.Choose([], 0));
        Assert.Throws<InvalidInputException>(() => sampler.Choose([float.NegativeInfinity, float.NegativeInfinity], 0));
    }

    private static int[] Kept(float[] logits, SamplingOptions options)
    {
        var sampler = new Sampler(options);
        return [.. Enumerable.Range(0, 500).Select(token => sampler.Choose(logits, (ulong)token)).Distinct().Order()];
    }

    private static TokenHistory History()
    {
        var history = new TokenHistory(s_logits.Length);
        history.AddPrompt(s_prompt);
        Array.ForEach(s_said, history.AddSaid);
        return history;
    }
}
