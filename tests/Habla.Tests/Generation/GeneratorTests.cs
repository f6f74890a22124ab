using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Generation;

public sealed class GeneratorTests : IDisposable
{
    private static readonly SamplingOptions s_sampling = new() { Temperature = 0.8, TopK = 9, TopP = 0.95, Seed = 4 };

    private readonly Gpt _model = TrainingSamples.Model();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void It_is_the_forward_pass_and_the_sampler_by_hand_also_past_the_context(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        const int tokens = 2 * TrainingSamples.Context;
        var ids = new List<int> { 3, 1, 4 };
        var expected = new List<GeneratedToken>();
        var sampler = new Sampler(s_sampling);
        for (int said = 0; said < tokens; said++)
        {
            using var tape = new Tape(model.Parameters, TapeMode.Inference);
            int[] seen = [.. ids.TakeLast(TrainingSamples.Context)];
            float[] logits = model.Forward(tape, seen, 1).Data[^TrainingSamples.Vocabulary..].ToArray();
            (int id, double logProbability) = sampler.Choose(logits, (ulong)said);
            ids.Add(id);
            expected.Add(new GeneratedToken(id, logProbability));
        }

        Assert.Equal(expected, new Generator(model).Continue([3, 1, 4], s_sampling, tokens));
        Assert.All(expected, token => Assert.True(token.LogProbability <= 0));
    }

    [Fact]
    public void A_prompt_longer_than_the_context_counts_by_its_end()
    {
        int[] end = [.. Enumerable.Range(0, TrainingSamples.Context).Select(i => (i * 5) % TrainingSamples.Vocabulary)];
        Assert.Equal(Say(end), Say([1, 2, 3, .. end]));
    }

    [Fact]
    public void Threads_change_nothing()
    {
        using var pool = new WorkerPool(3);
        Assert.Equal(Say([2]), new Generator(_model, pool).Continue([2], s_sampling, 20));
    }

    [Fact]
    public void The_same_seed_says_the_same_and_another_something_else()
    {
        Assert.Equal(Say([2]), Say([2]));
        Assert.NotEqual(Say([2]), new Generator(_model).Continue([2], s_sampling with { Seed = 5 }, 20));
    }

    [Fact]
    public void A_stop_token_ends_the_text_and_is_not_said()
    {
        GeneratedToken[] all = Say([2]);
        int stop = all[7].Id, first = Array.FindIndex(all, token => token.Id == stop);
        Assert.Equal(all[..first], new Generator(_model).Continue([2], s_sampling, 20, new HashSet<int> { stop, 999 }));
    }

    [Fact]
    public void No_more_is_said_than_asked_for()
    {
        Assert.Empty(new Generator(_model).Continue([2], s_sampling, 0));
        Assert.Equal(Say([2])[..5], new Generator(_model).Continue([2], s_sampling, 5));
    }

    [Fact]
    public void The_prompt_is_left_alone_and_asked_twice_gives_the_same()
    {
        var prompt = new List<int> { 1, 2 };
        IEnumerable<GeneratedToken> text = new Generator(_model).Continue(prompt, s_sampling, 10);
        Assert.Equal(text.ToArray(), text.ToArray());
        Assert.Equal([1, 2], prompt);
    }

    [Fact]
    public void A_bad_prompt_is_refused_at_once()
    {
        var generator = new Generator(_model);
        Assert.Equal(
            "the prompt is empty: give at least one token to continue",
            Assert.Throws<InvalidInputException>(() => generator.Continue([], s_sampling, 5)).Message);
        Assert.Equal(
            "the prompt has token 17, but the model's vocabulary is 0 to 16",
            Assert.Throws<InvalidInputException>(() => generator.Continue([1, 17], s_sampling, 5)).Message);
        Assert.Throws<InvalidInputException>(() => generator.Continue([-1], s_sampling, 5));
        Assert.Throws<InvalidInputException>(() => generator.Continue([1], s_sampling with { TopP = 0 }, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Continue([1], s_sampling, -1));
    }

    private GeneratedToken[] Say(int[] prompt) => [.. new Generator(_model).Continue(prompt, s_sampling, 20)];
}
