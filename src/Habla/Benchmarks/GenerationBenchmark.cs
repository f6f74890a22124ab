using System.Diagnostics;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;

namespace Habla.Benchmarks;

/// <summary>
/// Times a model of random weights that reads prompts and then random tokens one at a time, as <see cref="InferenceSession"/> does for all
/// that generates. How tokens are chosen is not part of it.
/// </summary>
public static class GenerationBenchmark
{
    /// <summary>The seed of the weights.</summary>
    internal const ulong Seed = 42;

    private const int UncachedPositions = 16, UncachedSamples = 3;

    /// <summary>Measures one preset in one format.</summary>
    /// <param name="preset">The model; its dropout and batch do not count.</param>
    /// <param name="weights">In what numbers to store its matrices.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="bytesPerS">The rate at which these threads read memory, from <see cref="StreamRate"/>.</param>
    /// <param name="seconds">How long to warm up, to measure prompts and to measure decoding, each.</param>
    /// <param name="positions">Also gives the speed at each position, and without a cache at some.</param>
    public static GenerationMeasurement Measure(
        BenchmarkPreset preset, WeightFormat weights, WorkerPool pool, double bytesPerS, double seconds, bool positions = false)
    {
        ArgumentNullException.ThrowIfNull(preset);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        using var model = new Gpt(preset.Model);
        Initialization.Initialize(model, Seed);
        using var session = new InferenceSession(model, new InferenceOptions { Weights = weights }, pool);
        var text = new RandomText(preset.Model);
        double firstPass = Time(() => session.Start(text.Prompt(0)));
        For(seconds, round => Decode(session, text, round, text.PromptLength, null));

        var prompts = new List<double>();
        For(seconds, round => prompts.Add(Time(() => session.Start(text.Prompt(round)))));
        List<double>[] times = Times(text);
        long allocated = 0;
        For(seconds, round => allocated += Decode(session, text, round, text.PromptLength, times));
        double[] tokens = [.. times.SelectMany(atPosition => atPosition)];
        double prompt = Median.Of(prompts), token = Median.Of(tokens);
        return new GenerationMeasurement
        {
            Preset = preset.Name,
            Weights = WeightFormats.Name(weights),
            Parameters = model.Parameters.Count,
            Threads = pool.ThreadCount,
            Context = text.Context,
            PromptTokens = text.PromptLength,
            PromptTokensPerS = text.PromptLength / prompt,
            FirstTokenMs = prompt * 1e3,
            FirstPassMs = firstPass * 1e3,
            DecodeTokensPerS = 1 / token,
            DecodeMedianMs = token * 1e3,
            DecodedTokens = tokens.Length,
            WeightBytesPerToken = session.WeightBytes,
            CacheBytes = session.CacheBytes,
            AllocatedBytesPerToken = allocated / tokens.Length,
            BandwidthFraction = session.WeightBytes / token / bytesPerS,
            Positions = positions ? Positions(model, session, text, seconds) : null,
        };
    }

    /// <summary>
    /// Reads the beginning of a text, then tokens until the context is full. Returns the managed bytes that the tokens took.
    /// </summary>
    private static long Decode(InferenceSession session, RandomText text, int round, int from, List<double>[]? times)
    {
        session.Start(text.Beginning(round, from));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int position = from; position < text.Context; position++)
        {
            long start = Stopwatch.GetTimestamp();
            session.Append(text.TokenAt(round, position));
            times?[position].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return GC.GetAllocatedBytesForCurrentThread() - allocated;
    }

    /// <summary>A list of times for each position, with room made before the counting of bytes: it is no part of a token.</summary>
    private static List<double>[] Times(RandomText text) =>
        [.. Enumerable.Range(0, text.Context).Select(_ => new List<double>(1 << 10))];

    private static List<PositionSpeed> Positions(Gpt model, InferenceSession session, RandomText text, double seconds)
    {
        List<double>[] cached = Times(text);
        For(seconds, round => Decode(session, text, round, 1, cached));
        using var without = new InferenceSession(model, session.Options with { UseCache = false }, session.Pool);
        int step = Math.Max(1, text.Context / UncachedPositions);
        var speeds = new List<PositionSpeed>();
        for (int position = 1; position < text.Context; position++)
        {
            bool both = position % step == 0 || position == 1 || position == text.Context - 1;
            speeds.Add(new PositionSpeed(position, 1 / Median.Of(cached[position]), both ? Uncached(without, text, position) : null));
        }

        return speeds;
    }

    private static double Uncached(InferenceSession session, RandomText text, int position)
    {
        session.Start(text.Beginning(0, position));
        return 1 / Median.Of(Enumerable.Range(0, UncachedSamples).Select(round =>
        {
            session.Start(text.Beginning(round, position));
            return Time(() => session.Append(text.TokenAt(round, position)));
        }).ToList());
    }

    private static void For(double seconds, Action<int> work)
    {
        long start = Stopwatch.GetTimestamp();
        int round = 1;
        do
        {
            work(round++);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
    }

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// Random ids. Two texts take turns and differ from their first token on, so that no round finds its prompt in the cache.
    /// </summary>
    private sealed class RandomText
    {
        private readonly int[][] _ids;

        public RandomText(GptConfig config)
        {
            Context = config.ContextLength;
            var random = new SeededRandom(seed: 7, RandomPurpose.DataOrder);
            _ids = [.. Enumerable.Range(0, 2).Select(text => Enumerable.Range(0, Context)
                .Select(i => random.Below((ulong)((text * Context) + i), config.VocabularySize)).ToArray())];
            _ids[1][0] = (_ids[0][0] + 1) % config.VocabularySize;
        }

        public int Context { get; }

        public int PromptLength => Math.Max(1, Context / 2);

        public ReadOnlySpan<int> Prompt(int round) => Beginning(round, PromptLength);

        public ReadOnlySpan<int> Beginning(int round, int length) => _ids[round % 2].AsSpan(0, length);

        public ReadOnlySpan<int> TokenAt(int round, int position) => _ids[round % 2].AsSpan(position, 1);
    }
}
