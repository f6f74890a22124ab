using System.Diagnostics;
using Habla.BytePairs;
using Habla.Tensors;
using Habla.Tracking;

namespace Habla.Benchmarks;

/// <summary>Times byte-level BPE: training from a file, encoding and decoding on one thread, and words without an end.</summary>
public sealed class TokenizerBenchmark
{
    private const int MostEncoded = 16_000_000;
    private readonly SplitPattern _pattern;
    private readonly int _threads;
    private readonly double _seconds;
    private ByteVocabulary? _vocabulary;

    /// <summary>Prepares to measure.</summary>
    /// <param name="pattern">Where no token may cross.</param>
    /// <param name="threads">Threads that count words; at least 1.</param>
    /// <param name="seconds">How long to encode, and to decode, each text; above 0, three times at least.</param>
    public TokenizerBenchmark(SplitPattern pattern, int threads, double seconds)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        (_pattern, _threads, _seconds) = (pattern, threads, seconds);
    }

    /// <summary>Trains on a file and encodes its beginning, up to 16 MB.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vocabularySize">Tokens to learn.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or gives fewer tokens.</exception>
    public TokenizerMeasurement MeasureFile(string path, int vocabularySize)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream file = File.OpenRead(path);
            return Measure(path, file, vocabularySize);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Trains on generated text, which lies in a temporary file so that memory shows what training takes.</summary>
    /// <param name="megabytes">How much text, in 10⁶ bytes; above 0.</param>
    /// <param name="vocabularySize">Tokens to learn.</param>
    /// <exception cref="InvalidInputException">So little text gives fewer tokens.</exception>
    public TokenizerMeasurement MeasureGenerated(double megabytes, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(megabytes);
        string path = Path.Combine(Path.GetTempPath(), $"habla-generated-{Environment.ProcessId}.txt");
        using var file = new FileStream(
            path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
        new ZipfText(seed: 5).WriteTo(file, (long)(megabytes * 1e6));
        file.Position = 0;
        return Measure("generated", file, vocabularySize);
    }

    /// <summary>Encodes words of a length and of twice that, with the vocabulary trained last.</summary>
    /// <param name="bytes">The shorter words' length.</param>
    /// <exception cref="InvalidOperationException">Nothing was trained yet.</exception>
    public IReadOnlyList<LongWordMeasurement> MeasureLongWords(int bytes)
    {
        ByteVocabulary vocabulary = _vocabulary ?? throw new InvalidOperationException("train on a text first");
        var encoder = new ByteLevelEncoder(vocabulary, _pattern);
        var random = new SeededRandom(seed: 6, RandomPurpose.Corpus);
        byte[] letters = [.. Enumerable.Range(0, 2 * bytes).Select(i => (byte)('a' + random.Below((ulong)i, 26)))];
        byte[] same = [.. Enumerable.Repeat((byte)'e', 2 * bytes)];
        return [Measure("random letters", letters), Measure("one letter", same)];

        LongWordMeasurement Measure(string name, byte[] word)
        {
            encoder.Encode(word);
            return new LongWordMeasurement(
                name, bytes, Times(3, () => encoder.Encode(word.AsSpan(0, bytes)))[0], Times(3, () => encoder.Encode(word))[0]);
        }
    }

    private TokenizerMeasurement Measure(string name, Stream text, int vocabularySize)
    {
        var trainer = new ByteLevelTrainer(new() { VocabularySize = vocabularySize, Pattern = _pattern, Threads = _threads });
        double count = Times(1, () => trainer.Count(text))[0];
        double merge = Times(1, () => _vocabulary = trainer.Train())[0];
        double memory = Hardware.PeakMemoryMb();

        byte[] encoded = new byte[Math.Min(trainer.Bytes, MostEncoded)];
        text.Position = 0;
        text.ReadExactly(encoded);
        var ids = new List<int>(encoded.Length);
        new ByteLevelEncoder(_vocabulary!, _pattern).EncodeTo(encoded, ids);
        int[] all = [.. ids];
        (double encode, double encodeCpu) = Repeat(encoder =>
        {
            ids.Clear();
            encoder.EncodeTo(encoded, ids);
        });
        double decodeCpu = Repeat(encoder => encoder.Decode(all)).Cpu;
        double size = encoded.Length / 1e6;
        return new TokenizerMeasurement
        {
            Text = name,
            Bytes = trainer.Bytes,
            DistinctWords = trainer.DistinctWords,
            VocabularySize = vocabularySize,
            Threads = _threads,
            CountS = count,
            MergeS = merge,
            TrainPeakRssMb = memory,
            EncodeMbPerS = size / encode,
            EncodeMbPerSPerCore = size / encodeCpu,
            DecodeMbPerSPerCore = size / decodeCpu,
            BytesPerToken = (double)encoded.Length / all.Length,
        };
    }

    /// <summary>The median times, each time with a new encoder, whose cache is empty; its rules are prepared before.</summary>
    private (double Wall, double Cpu) Repeat(Action<ByteLevelEncoder> work)
    {
        var (walls, cpus) = (new List<double>(), new List<double>());
        for (double spent = 0; spent < _seconds || walls.Count < 3; spent += walls[^1])
        {
            var encoder = new ByteLevelEncoder(_vocabulary!, _pattern);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            walls.AddRange(Times(1, () => work(encoder)));
            cpus.Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }

        return (Median(walls), Median(cpus));
    }

    private static double[] Times(int count, Action work)
    {
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(times);
        return times;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
