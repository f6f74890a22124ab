using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Evaluation;

public class ContinuationScorerTests
{
    private static readonly SeededRandom s_random = new(5, RandomPurpose.DataOrder, 3);

    /// <summary>Every length from the shortest to the longest, in no order.</summary>
    private static readonly Continuation[] s_continuations =
    [
        .. Enumerable.Range(0, 90).Select(i => Random(1 + (i * 7 % 6), 1 + (i * 5 % 7), i)),
    ];

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    public void Probabilities_are_those_of_the_float64_reference(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        var reference = new ReferenceForward(model.Config, name => model.Parameters.Data(model.Parameters[name]));
        IReadOnlyList<ContinuationScore> scores = Score(model, s_continuations);

        foreach ((Continuation asked, ContinuationScore score) in s_continuations.Zip(scores))
        {
            int[] inputs = [.. asked.Prompt, .. asked.Ids.SkipLast(1)];
            double[] logits = reference.Logits(inputs, [], 1);
            double[] expected = [.. asked.Ids.Select((id, i) => LogProbability(logits, asked.Prompt.Count - 1 + i, id))];
            Assert.Equal(expected.Length, score.LogProbabilities.Count);
            Assert.All(expected.Zip(score.LogProbabilities), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
            Assert.Equal(score.LogProbabilities.Sum(), score.Sum);
            Assert.Equal(score.Sum / asked.Ids.Count, score.Mean);
        }
    }

    [Fact]
    public void What_shares_a_pass_and_how_many_threads_change_no_bit()
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(3);
        double[][] together = [.. Score(model, s_continuations, pool).Select(score => score.LogProbabilities.ToArray())];

        for (int i = 0; i < s_continuations.Length; i++)
        {
            Assert.Equal(Score(model, [s_continuations[i]])[0].LogProbabilities, together[i]);
        }

        Assert.Empty(Score(model, []));
    }

    [Fact]
    public void What_cannot_be_scored_is_refused()
    {
        using Gpt model = TrainingSamples.Model();
        string Refused(Continuation continuation) =>
            Assert.Throws<InvalidInputException>(() => Score(model, [s_continuations[0], continuation])).Message;

        Assert.Contains("the prompt is empty", Refused(new Continuation([], [1])), StringComparison.Ordinal);
        Assert.Contains("the continuation is empty", Refused(new Continuation([1], [])), StringComparison.Ordinal);
        Assert.Contains("token 17", Refused(new Continuation([1], [17])), StringComparison.Ordinal);
        Assert.Contains("token -1", Refused(new Continuation([-1], [1])), StringComparison.Ordinal);
        Assert.Contains("14 tokens long", Refused(Random(7, 7, 0)), StringComparison.Ordinal);
        Assert.Single(Score(model, [Random(6, 7, 0)])); // the last token is only predicted
    }

    private static Continuation Random(int prompt, int ids, int seed) => new(
        [.. Enumerable.Range(0, prompt).Select(i => s_random.Below((ulong)((seed * 100) + i), TrainingSamples.Vocabulary))],
        [.. Enumerable.Range(50, ids).Select(i => s_random.Below((ulong)((seed * 100) + i), TrainingSamples.Vocabulary))]);

    private static IReadOnlyList<ContinuationScore> Score(
        Gpt model, IReadOnlyList<Continuation> continuations, WorkerPool? pool = null)
    {
        using var evaluator = new Evaluator(model, pool);
        return new ContinuationScorer(model, evaluator).Score(continuations);
    }

    private static double LogProbability(double[] logits, int position, int id)
    {
        double[] row = logits[(position * TrainingSamples.Vocabulary)..((position + 1) * TrainingSamples.Vocabulary)];
        return row[id] - row.Max() - Math.Log(row.Sum(logit => Math.Exp(logit - row.Max())));
    }
}
