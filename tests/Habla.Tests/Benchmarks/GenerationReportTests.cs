using System.Text;
using Habla.Benchmarks;
using Habla.Plotting;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tracking;

namespace Habla.Tests.Benchmarks;

/// <summary>What a benchmark of generation measures, its picture, and the files it makes for llama.cpp.</summary>
public class GenerationReportTests
{
    private static readonly BenchmarkPreset s_preset = BenchmarkPreset.Named("book")[0];

    [Fact]
    public void A_measurement_says_what_was_read_and_at_which_positions()
    {
        GenerationMeasurement found = GenerationBenchmark.Measure(s_preset, WeightFormat.Q8, WorkerPool.Serial, 1e9, 0.001, positions: true);

        Assert.Equal(("book", "q8_0", 1), (found.Preset, found.Weights, found.Threads));
        Assert.Equal((64, 32), (found.Context, found.PromptTokens));
        Assert.Equal((long)(((4L * 12 * 64 * 64) + (57 * 64)) * (1 + (2.0 / 32))), found.WeightBytesPerToken);
        Assert.Equal(0, found.DecodedTokens % 32);
        Assert.Equal(found.DecodeTokensPerS * found.WeightBytesPerToken / 1e9, found.BandwidthFraction, 1e-9);
        Assert.Equal(Enumerable.Range(1, 63), found.Positions!.Select(position => position.Position));
        Assert.All(found.Positions!, position => Assert.True(position.CachedTokensPerS > 0));
        Assert.InRange(found.Positions!.Count(position => position.UncachedTokensPerS > 0), 16, 18);
    }

    [Fact]
    public void A_panel_for_each_preset_has_a_line_for_each_format_and_one_without_a_cache()
    {
        PositionSpeed[] positions = [new(1, 100, 50), new(2, 90, null), new(3, 80, 20)];
        var report = new GenerationReport(
            Hardware.Current, 40, 20,
            [Measured("a", "float32", positions), Measured("a", "q8_0", positions), Measured("b", "float32", positions), Measured("c", "q8_0", null)]);

        IReadOnlyList<Plot> panels = GenerationPlot.Of(report);

        Assert.Equal(["a (1.5 million parameters)", "b (1.5 million parameters)"], panels.Select(panel => panel.Title));
        Assert.Equal(["float32, cache", "q8_0, cache", "float32, no cache"], panels[0].Series.Select(series => series.Title));
        Assert.Equal([(1, 100), (2, 90), (3, 80)], panels[0].Series[1].Points);
        Assert.Equal([(1, 50), (3, 20)], panels[0].Series[2].Points);
        Assert.Contains("memory read at 40.0 GB/s", GenerationPlot.Title(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WeightFormat.Float32, "book-float32.gguf")]
    [InlineData(WeightFormat.Q8, "book-q8_0.gguf")]
    public void A_presets_model_is_written_for_llama_cpp(WeightFormat format, string name)
    {
        using var folder = new TemporaryFolder();
        string path = PresetFile.Write(s_preset, format, folder.Path);
        Assert.Equal(folder.In(name), path);
        Assert.Equal("GGUF", Encoding.ASCII.GetString(File.ReadAllBytes(path).AsSpan(0, 4)));
    }

    private static GenerationMeasurement Measured(string preset, string weights, IReadOnlyList<PositionSpeed>? positions) => new()
    {
        Preset = preset, Weights = weights, Parameters = 1_500_000, Threads = 2, Context = 8, PromptTokens = 4, PromptTokensPerS = 1,
        FirstTokenMs = 1, FirstPassMs = 1, DecodeTokensPerS = 1, DecodeMedianMs = 1, DecodedTokens = 1, WeightBytesPerToken = 1,
        CacheBytes = 1, AllocatedBytesPerToken = 0, BandwidthFraction = 1, Positions = positions,
    };
}
