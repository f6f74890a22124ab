using Habla.Benchmarks;
using Habla.BytePairs;

namespace Habla.Tests.Benchmarks;

public class TokenizerBenchmarkTests
{
    [Fact]
    public void It_trains_on_a_file_and_on_generated_text_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        string path = folder.In("text.txt");
        using (FileStream file = File.Create(path))
        {
            new ZipfText(seed: 1).WriteTo(file, 100_000);
        }

        var benchmark = new TokenizerBenchmark(SplitPattern.Gpt4, threads: 2, seconds: 0.01);
        Assert.Throws<InvalidOperationException>(() => benchmark.MeasureLongWords(1000));
        foreach ((TokenizerMeasurement found, string text, long bytes) in ((TokenizerMeasurement, string, long)[])
            [(benchmark.MeasureFile(path, 500), path, 100_000), (benchmark.MeasureGenerated(0.2, 500), "generated", 200_000)])
        {
            Assert.Equal((text, 500), (found.Text, found.VocabularySize));
            Assert.InRange(found.Bytes, bytes, bytes + 100);
            Assert.True(found is { DistinctWords: > 1000, CountS: > 0, MergeS: > 0, EncodeMbPerSPerCore: > 0, DecodeMbPerSPerCore: > 0 });
            Assert.InRange(found.BytesPerToken, 1.5, 10);
        }

        Assert.All(benchmark.MeasureLongWords(1000), word => Assert.True(word is { Bytes: 1000, Seconds: > 0, DoubleSeconds: > 0 }));
        Assert.Equal([path], Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_cannot_be_read_and_a_text_too_small_are_refused()
    {
        using var folder = new TemporaryFolder();
        var benchmark = new TokenizerBenchmark(SplitPattern.Gpt2, threads: 1, seconds: 0.01);
        string missing = folder.In("missing.txt");
        var error = Assert.Throws<InvalidInputException>(() => benchmark.MeasureFile(missing, 500));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        File.WriteAllText(folder.In("small.txt"), "ab");
        Assert.Throws<InvalidOptionException>(() => benchmark.MeasureFile(folder.In("small.txt"), 500));
    }
}
