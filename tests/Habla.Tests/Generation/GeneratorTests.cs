using System.Text;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Generation;

public sealed class GeneratorTests : IDisposable
{
    private static readonly SamplingOptions s_sampling = new()
    {
        Temperature = 0.8, TopK = 9, TopP = 0.95, Seed = 4, RepetitionPenalty = 1.1, FrequencyPenalty = 0.1,
    };

    /// <summary>Letters, a two-byte letter in halves, and one token that stands for no text.</summary>
    private static readonly string[] s_letters = [.. "abcdefghijklmn".Select(letter => letter.ToString())];

    private readonly Gpt _model = TrainingSamples.Model();

    private static GenerationRequest Request => new()
    {
        Prompt = [3, 1, 4], Sampling = s_sampling, MaximumTokens = 30, WithLogProbabilities = true, Decode = Bytes,
    };

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(ModelFamily.Minigpt, 0)]
    [InlineData(ModelFamily.Minigpt, 2)]
    [InlineData(ModelFamily.Gpt2, 0)]
    [InlineData(ModelFamily.Llama, 0)]
    public void It_is_the_forward_pass_and_the_sampler_by_hand_also_past_the_context(ModelFamily family, uint sample)
    {
        using Gpt model = TrainingSamples.Model(family);
        GeneratedToken[] expected = ByHand(model, [3, 1, 4], 3 * TrainingSamples.Context, sample);
        GenerationResult result = new Generator(model).Generate(
            Request with { MaximumTokens = expected.Length, FirstSample = sample });
        Assert.Equal(expected, result.Samples[0].Tokens);
        Assert.All(expected, token => Assert.True(token.LogProbability <= 0));

        // The context is full after 9 tokens; each time half of it, 6, is free again, of which the token takes one.
        Assert.Equal(1 + ((expected.Length - 1 - 10) / 6), result.WindowSlides);
        if (sample == 0)
        {
            Assert.Equal(expected, new Generator(model).Continue([3, 1, 4], s_sampling, expected.Length));
        }
    }

    [Fact]
    public void Many_side_by_side_say_what_each_says_alone_whoever_stops_when()
    {
        using var pool = new WorkerPool(3);
        GenerationRequest many = Request with { SampleCount = 7, StopIds = new HashSet<int> { 5 }, StopTexts = ["ab", "gh"] };
        GenerationResult result = new Generator(_model, pool).Generate(many);
        Assert.True(result.Samples.Select(sample => sample.Tokens.Count).Distinct().Count() > 2, "they stop at different places");
        for (int number = 0; number < 7; number++)
        {
            GenerationResult alone = new Generator(_model).Generate(many with { SampleCount = 1, FirstSample = (uint)number });
            Assert.Equal(alone.Samples[0].Tokens, result.Samples[number].Tokens);
            Assert.Equal((alone.Samples[0].Text, alone.Samples[0].End), (result.Samples[number].Text, result.Samples[number].End));
        }
    }

    [Fact]
    public void Threads_and_the_cache_change_nothing()
    {
        using var pool = new WorkerPool(3);
        IReadOnlyList<GeneratedToken> tokens = new Generator(_model).Generate(Request).Samples[0].Tokens;
        Assert.Equal(tokens, new Generator(_model, pool).Generate(Request).Samples[0].Tokens);
        foreach (bool cache in (bool[])[true, false])
        {
            var options = new InferenceOptions { UseCache = cache };
            Assert.Equal(
                tokens.Select(token => token.Id),
                new Generator(_model, pool, options).Generate(Request).Samples[0].Tokens.Select(token => token.Id));
        }
    }

    [Fact]
    public void A_session_can_be_used_again()
    {
        using var session = new InferenceSession(_model);
        var generator = new Generator(_model);
        GeneratedSample first = generator.Generate(Request with { MaximumTokens = 4 }, session: session).Samples[0];
        GenerationRequest more = Request with { Prompt = [3, 1, 4, .. first.Tokens.Select(token => token.Id)], SampleCount = 2 };
        Assert.Equal(
            generator.Generate(more).Samples.SelectMany(sample => sample.Tokens),
            generator.Generate(more, session: session).Samples.SelectMany(sample => sample.Tokens));
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
        Assert.Equal(all[..first], new Generator(_model).Continue([2], s_sampling, 20, new HashSet<int> { stop, 16 }));
        GeneratedSample sample = new Generator(_model).Generate(
            Request with { Prompt = [2], MaximumTokens = 20, StopIds = new HashSet<int> { stop } }).Samples[0];
        Assert.Equal((GenerationEnd.StopToken, Text(all[..first])), (sample.End, sample.Text));
        Assert.Equal(all[..first], sample.Tokens);
    }

    [Fact]
    public void A_stop_string_ends_the_text_before_it_and_what_is_streamed_is_the_text()
    {
        GeneratedSample free = new Generator(_model).Generate(Request).Samples[0];
        for (int at = 0; at + 3 < free.Text.Length; at++)
        {
            string stop = free.Text.Substring(at, 3);
            if (stop.Contains('\uFFFD', StringComparison.Ordinal))
            {
                continue; // no text has it: it stands for bytes that are no character
            }

            var heard = new StringBuilder();
            GeneratedSample sample = new Generator(_model).Generate(
                Request with { StopTexts = [stop, "zzz"] }, (_, text) => heard.Append(text)).Samples[0];
            string expected = free.Text[..free.Text.IndexOf(stop, StringComparison.Ordinal)];
            Assert.Equal((GenerationEnd.StopText, expected, expected), (sample.End, sample.Text, heard.ToString()));
            Assert.Equal(expected, Text(sample.Tokens));
            Assert.Equal(free.Tokens.Take(sample.Tokens.Count), sample.Tokens);
        }
    }

    [Fact]
    public void No_more_is_said_than_asked_for()
    {
        Assert.Empty(new Generator(_model).Continue([2], s_sampling, 0));
        Assert.Equal(Say([2])[..5], new Generator(_model).Continue([2], s_sampling, 5));
        GeneratedSample none = new Generator(_model).Generate(Request with { MaximumTokens = 0 }).Samples[0];
        Assert.Equal((0, "", GenerationEnd.MaximumTokens), (none.Tokens.Count, none.Text, none.End));
    }

    [Fact]
    public void It_stops_when_it_is_told_to_and_gives_what_it_has()
    {
        using var stop = new CancellationTokenSource();
        GeneratedSample all = new Generator(_model).Generate(Request).Samples[0];
        int heard = 0;
        GeneratedSample sample = new Generator(_model).Generate(
            Request,
            (_, text) =>
            {
                if ((heard += text.Length) >= 6)
                {
                    stop.Cancel();
                }
            },
            cancellation: stop.Token).Samples[0];
        Assert.Equal(GenerationEnd.Cancelled, sample.End);
        Assert.InRange(sample.Text.Length, 6, 8);
        Assert.Equal(all.Tokens.Take(sample.Tokens.Count), sample.Tokens);
        Assert.StartsWith(sample.Text, all.Text, StringComparison.Ordinal);
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
    public void Probabilities_are_worked_out_only_when_asked_for() => Assert.All(
        new Generator(_model).Generate(Request with { WithLogProbabilities = false }).Samples[0].Tokens,
        token => Assert.True(double.IsNaN(token.LogProbability)));

    [Fact]
    public void A_bad_request_is_refused_at_once()
    {
        var generator = new Generator(_model);
        Assert.Equal("the prompt is empty: give at least one token to continue", Refused(Request with { Prompt = [] }));
        Assert.Equal("the prompt has token 17, but the model's vocabulary is 0 to 16", Refused(Request with { Prompt = [1, 17] }));
        Assert.Contains("the prompt is 13 tokens long", Refused(Request with { Prompt = new int[13] }), StringComparison.Ordinal);
        Assert.Equal(
            "stop-token: token 17 is not in the model's vocabulary, which is 0 to 16",
            Refused(Request with { StopIds = new HashSet<int> { 17, 3 } }));
        Assert.StartsWith("stop: a stop string is empty", Refused(Request with { StopTexts = ["a", ""] }), StringComparison.Ordinal);
        Assert.StartsWith("stop: ", Refused(Request with { StopTexts = ["a"], Decode = null }), StringComparison.Ordinal);
        Assert.StartsWith("logit-bias: ", Refused(Request with
        {
            Sampling = new() { LogitBias = new Dictionary<int, double> { [17] = 1 } },
        }), StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => generator.Continue([-1], s_sampling, 5));
        Assert.Throws<InvalidInputException>(() => generator.Continue([1], s_sampling with { TopP = 0 }, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Continue([1], s_sampling, -1));

        string Refused(GenerationRequest request) => Assert.Throws<InvalidInputException>(() => generator.Generate(request)).Message;
    }

    private static ReadOnlySpan<byte> Bytes(int id) => id switch
    {
        14 => [0xC3], 15 => [0xB1], 16 => [], _ => Encoding.UTF8.GetBytes(s_letters[id]),
    };

    private static string Text(IEnumerable<GeneratedToken> tokens) =>
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => Bytes(token.Id).ToArray())]);

    /// <summary>Every token by a pass over all that the model sees; past the context the last half of it is read anew.</summary>
    private static GeneratedToken[] ByHand(Gpt model, int[] prompt, int tokens, uint sample)
    {
        List<int> seen = [.. prompt];
        var said = new GeneratedToken[tokens];
        var history = new TokenHistory(TrainingSamples.Vocabulary);
        history.AddPrompt(prompt);
        var sampler = new Sampler(s_sampling);
        for (int token = 0; token < tokens; token++)
        {
            using var tape = new Tape(model.Parameters, TapeMode.Inference);
            float[] logits = model.Forward(tape, seen.ToArray(), 1).Data[^TrainingSamples.Vocabulary..].ToArray();
            int id = sampler.Choose(logits, (ulong)token, sample, history);
            said[token] = new GeneratedToken(id, Sampler.LogProbability(logits, id));
            history.AddSaid(id);
            seen = seen.Count == TrainingSamples.Context ? [.. seen.TakeLast(TrainingSamples.Context / 2), id] : [.. seen, id];
        }

        return said;
    }

    private GeneratedToken[] Say(int[] prompt) => [.. new Generator(_model).Continue(prompt, s_sampling, 20)];
}
