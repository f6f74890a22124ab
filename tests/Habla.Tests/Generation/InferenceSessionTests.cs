using Habla.Benchmarks;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Generation;

/// <summary>
/// What a session gives, with and without a cache, has the bits of one pass over all that the model sees, at every position up to and
/// past its context.
/// </summary>
public sealed class InferenceSessionTests
{
    /// <summary>Every benchmark preset, the two largest with smaller matrices, and what no preset has.</summary>
    public static TheoryData<string, int> Models()
    {
        var models = new TheoryData<string, int>();
        string[] presets = [.. BenchmarkPreset.All.Select(preset => preset.Name)];
        foreach (string name in (string[])[.. presets, "rotary, untied", "learned, untied", "llama", "odd sizes", "context of one"])
        {
            models.Add(name, 1);
        }

        models.Add("lab", 2);
        models.Add("book", 3);
        models.Add("gpt2-124m", 2);
        models.Add("odd sizes", 3);
        return models;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_position_up_to_and_past_the_context_has_the_bits_of_a_pass_over_all(string name, int threads)
    {
        using Gpt model = TrainingSamples.Model(ConfigOf(name));
        using WorkerPool pool = new(threads);
        using InferenceSession cached = new(model, null, pool), uncached = new(model, new InferenceOptions { UseCache = false }, pool);
        int context = model.Config.ContextLength, prompt = Math.Min(context, 1 + (context / 5)), vocabulary = model.Config.VocabularySize;
        const int samples = 2;
        int[][] rows = [.. Enumerable.Range(0, samples).Select(_ => Ids(prompt, vocabulary))];
        cached.Start(rows[0], samples);
        uncached.Start(rows[0], samples);
        var random = new SeededRandom(3, RandomPurpose.Corpus, 4);
        for (int read = prompt, slides = 0; ; read++)
        {
            for (int sample = 0; sample < samples; sample++)
            {
                int[] expected = TrainingSamples.Bits(LastLogits(model, rows[sample]));
                Assert.Equal(expected, TrainingSamples.Bits(cached.Logits(sample).ToArray()));
                Assert.Equal(expected, TrainingSamples.Bits(uncached.Logits(sample).ToArray()));
            }

            Assert.Equal((rows[0].Length, rows[0].Length), (cached.SeenCount, uncached.SeenCount));
            if (slides == 2 && rows[0].Length == (context / 2) + Math.Min(3, (context + 1) / 2))
            {
                break;
            }

            slides += rows[0].Length == context ? 1 : 0;
            int[] next = [.. Enumerable.Range(0, samples).Select(s => random.Below((ulong)((2 * read) + s), vocabulary))];
            rows = [.. rows.Select((row, s) => (int[])[.. row.Length == context ? row[^(context / 2)..] : row, next[s]])];
            cached.Append(next);
            uncached.Append(next);
        }
    }

    [Fact]
    public void Samples_that_are_kept_go_on_as_they_would_have()
    {
        using Gpt model = TrainingSamples.Model(ModelFamily.Gpt2);
        using InferenceSession cached = new(model), uncached = new(model, new InferenceOptions { UseCache = false });
        InferenceSession[] both = [cached, uncached];
        int[][] rows = [.. Enumerable.Range(0, 5).Select(_ => Ids(4, TrainingSamples.Vocabulary))];
        foreach (InferenceSession session in both)
        {
            session.Start(rows[0], rows.Length);
        }

        foreach (int[] kept in (int[][])[[0, 1, 2, 3, 4], [4, 0, 3], [1, 2], [1, 0], [1]])
        {
            rows = [.. kept.Select(row => rows[row])];
            foreach (InferenceSession session in both)
            {
                session.Keep(kept);
            }

            for (int more = 0; more < 4; more++)
            {
                int[] next = [.. rows.Select((row, s) => (row.Length + (7 * s) + more) % TrainingSamples.Vocabulary)];
                rows = [.. rows.Select((row, s) => (int[])[.. row.Length == TrainingSamples.Context ? row[^6..] : row, next[s]])];
                foreach (InferenceSession session in both)
                {
                    session.Append(next);
                    Assert.Equal(rows.Length, session.SampleCount);
                    for (int s = 0; s < rows.Length; s++)
                    {
                        Assert.Equal(
                            TrainingSamples.Bits(LastLogits(model, rows[s])), TrainingSamples.Bits(session.Logits(s).ToArray()));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_prompt_that_begins_as_a_sample_did_gives_the_bits_of_one_read_anew()
    {
        using Gpt model = TrainingSamples.Model();
        using var session = new InferenceSession(model);
        int[][] prompts =
        [
            [1, 2, 3], [1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 9, 4], [1], [1, 2, 9, 4, 8, 8, 8, 8, 8, 8, 8, 8], [8, 8, 8, 8], [5, 1],
        ];
        for (int i = 0; i < prompts.Length; i++)
        {
            session.Start(prompts[i], 1 + (i % 3));
            for (int s = 0; s < session.SampleCount; s++)
            {
                Assert.Equal(
                    TrainingSamples.Bits(LastLogits(model, prompts[i])), TrainingSamples.Bits(session.Logits(s).ToArray()));
            }

            // What is said in between is part of what the next prompt may begin with, also after the window has slid.
            int[] said = [.. Enumerable.Range(0, session.SampleCount).Select(s => s == session.SampleCount - 1 ? 9 : 3)];
            session.Append(said);
            session.Append(said);
            int[] all = [.. prompts[i], 9, 9];
            if (all.Length <= TrainingSamples.Context)
            {
                session.Start(all);
                Assert.Equal(TrainingSamples.Bits(LastLogits(model, all)), TrainingSamples.Bits(session.Logits(0).ToArray()));
            }
        }
    }

    [Fact]
    public void The_cache_holds_what_was_read_and_no_cache_holds_nothing()
    {
        using Gpt model = TrainingSamples.Model();
        using InferenceSession cached = new(model), uncached = new(model, new InferenceOptions { UseCache = false });
        Assert.Equal((0, 0, 0L), (cached.SampleCount, cached.SeenCount, cached.CacheBytes));
        cached.Start([1, 2], 3);
        uncached.Start([1, 2], 3);
        Assert.Equal((3, 2), (cached.SampleCount, cached.SeenCount));
        Assert.Equal(0, uncached.CacheBytes);

        // Two layers, three samples, keys and values: room for 32 positions of heads of 8, values in whole vectors of 16.
        Assert.Equal(2 * 3 * 2 * 32 * (8 + 16) * sizeof(float), cached.CacheBytes);
        cached.Start([4]);
        Assert.Equal((1, 1), (cached.SampleCount, cached.SeenCount));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        using Gpt model = TrainingSamples.Model();
        using var session = new InferenceSession(model);
        Assert.Throws<ArgumentException>(() => session.Append([1]));
        session.Start([1, 2]);
        float[] before = session.Logits(0).ToArray();
        Assert.Throws<InvalidInputException>(() => session.Start([]));
        Assert.Throws<InvalidInputException>(() => session.Start(new int[TrainingSamples.Context + 1]));
        Assert.Throws<InvalidInputException>(() => session.Start([TrainingSamples.Vocabulary]));
        Assert.Throws<InvalidInputException>(() => session.Append([-1]));
        Assert.Throws<ArgumentException>(() => session.Append([1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Keep([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Logits(1).Length);
        Assert.Equal(before, session.Logits(0).ToArray());
        session.Append([3]);
        Assert.Equal(TrainingSamples.Bits(LastLogits(model, [1, 2, 3])), TrainingSamples.Bits(session.Logits(0).ToArray()));
    }

    [Fact]
    public void A_pass_refuses_a_cache_of_another_model_a_mask_beside_it_and_more_than_the_context()
    {
        using Gpt model = TrainingSamples.Model();
        using KvCache cache = new(model.Config), other = new(model.Config with { LayerCount = 3 });
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        cache.Clear(1);
        Assert.Throws<ShapeException>(() => model.Forward(tape, [1], 1, cache: other.Layers));
        Assert.Throws<ShapeException>(() => model.Forward(tape, [1], 1, new bool[] { true }, cache: cache.Layers));
        model.Forward(tape, [1, 2], 1, cache: cache.Layers);
        Assert.Equal((2, 1, TrainingSamples.Context), (cache.Position, cache.SampleCount, cache.Capacity));
        Assert.Throws<ShapeException>(() => model.Forward(tape, new int[TrainingSamples.Context - 1], 1, cache: cache.Layers));
        Assert.Equal(2, cache.Position);
        cache.Layers[1].Truncate(1);
        Assert.Throws<ShapeException>(() => model.Forward(tape, [1], 1, cache: cache.Layers));
    }

    [Fact]
    public void A_token_costs_no_managed_memory()
    {
        using Gpt model = TrainingSamples.Model(BenchmarkPreset.Named("lab")[0].Model);
        using var session = new InferenceSession(model);
        session.Start([1, 2, 3]);
        int[] next = [5];
        for (int token = 0; token < 40; token++)
        {
            session.Append(next); // over a slide, so that everything has its size
        }

        // The runtime itself allocates now and then on whatever thread is there, for a table of casts that other tests have filled, say.
        // What a token costs, it costs in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 10 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int token = 0; token < 100; token++)
            {
                session.Append(next);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_pass_that_failed_a_session_reads_from_the_beginning(bool inAppend)
    {
        using Gpt model = TrainingSamples.Model();
        using var session = new InferenceSession(model);
        session.Start([1, 2, 3, 4]);
        session.Cache!.Layers[1].Truncate(1); // as if memory had run out after the first layer
        Assert.ThrowsAny<Exception>(() =>
        {
            if (inAppend)
            {
                session.Append([5]);
            }
            else
            {
                session.Start([1, 2, 3, 4, 5]);
            }
        });
        Assert.Equal((0, 0, 0L), (session.SampleCount, session.SeenCount, session.CacheBytes));
        session.Start([1, 2, 3, 4, 5], 2);
        session.Append([6, 7]);
        Assert.Equal(TrainingSamples.Bits(LastLogits(model, [1, 2, 3, 4, 5, 7])), TrainingSamples.Bits(session.Logits(1).ToArray()));
    }

    [Fact]
    public void A_generator_refuses_a_session_of_another_model()
    {
        using Gpt model = TrainingSamples.Model(), other = TrainingSamples.Model();
        using var session = new InferenceSession(other);
        var request = new GenerationRequest { Prompt = [1], MaximumTokens = 1 };
        Assert.Throws<ArgumentException>(() => new Generator(model).Generate(request, session: session));
        Assert.Single(new Generator(other).Generate(request, session: session).Samples);
    }

    [Fact]
    public void More_samples_than_fit_are_refused_and_change_nothing()
    {
        using Gpt model = TrainingSamples.Model();
        using var session = new InferenceSession(model);
        session.Start([1, 2]);
        string problem = Assert.Throws<InvalidInputException>(() => session.Start([1, 2], int.MaxValue)).Message;
        Assert.StartsWith("n: 2147483647 texts", problem, StringComparison.Ordinal);
        var request = new GenerationRequest { Prompt = [1], SampleCount = int.MaxValue };
        Assert.Equal(problem, Assert.Throws<InvalidInputException>(() => request.Validate(model.Config)).Message);
        session.Append([3]);
        Assert.Equal(TrainingSamples.Bits(LastLogits(model, [1, 2, 3])), TrainingSamples.Bits(session.Logits(0).ToArray()));
    }

    private static GptConfig ConfigOf(string name) => name switch
    {
        "rotary, untied" => GptConfig.Minigpt() with { TieEmbeddings = false, ContextLength = 20 },
        "learned, untied" => GptConfig.Gpt2() with { TieEmbeddings = false, ContextLength = 20 },
        "llama" => GptConfig.Llama() with { HeadCount = 4, KeyValueHeadCount = 2, FeedForwardWidth = 171, ContextLength = 20 },
        "odd sizes" => GptConfig.Minigpt() with
        {
            Width = 42, HeadCount = 3, FeedForwardWidth = 101, VocabularySize = 77, ContextLength = 37, AttentionBias = true,
        },
        "context of one" => GptConfig.Minigpt() with { ContextLength = 1 },
        "shakespeare-char" => BenchmarkPreset.Named(name)[0].Model with { LayerCount = 2, Width = 96, FeedForwardWidth = 384 },
        "gpt2-124m" => BenchmarkPreset.Named(name)[0].Model with
        {
            LayerCount = 2, Width = 192, FeedForwardWidth = 768, VocabularySize = 1_003,
        },
        _ => BenchmarkPreset.Named(name)[0].Model,
    };

    private static int[] Ids(int count, int vocabulary) => [.. Enumerable.Range(0, count).Select(i => ((i * 31) + 7) % vocabulary)];

    /// <summary>One pass over all that the model sees, by itself.</summary>
    private static float[] LastLogits(Gpt model, int[] ids)
    {
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        return model.Forward(tape, ids, 1).Data[^model.Config.VocabularySize..].ToArray();
    }
}
