using Habla.Benchmarks;
using Habla.Modeling;

namespace Habla.Tests.Benchmarks;

public class ScaleBenchmarkTests
{
    private static readonly ScaleSetting s_base = new() { Threads = 2 };

    [Theory]
    [InlineData(ScaleAxis.Width, 64, 768)]
    [InlineData(ScaleAxis.SequenceLength, 32, 1024)]
    [InlineData(ScaleAxis.Batch, 4, 64)]
    [InlineData(ScaleAxis.Threads, 1, 2)]
    public void An_axis_runs_upwards_through_the_base(ScaleAxis axis, int first, int last)
    {
        IReadOnlyList<int> values = ScaleBenchmark.Values(axis, s_base.Threads);

        Assert.Equal(first, values[0]);
        Assert.Equal(last, values[^1]);
        Assert.Equal(values.Order().Distinct(), values);
        Assert.Contains(s_base.ValueOf(axis), values);
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(4, new[] { 1, 2, 4 })]
    [InlineData(6, new[] { 1, 2, 4, 6 })]
    public void Threads_double_until_all_are_used(int threads, int[] expected) =>
        Assert.Equal(expected, ScaleBenchmark.Values(ScaleAxis.Threads, threads));

    [Fact]
    public void Nothing_but_the_axis_changes_and_every_model_is_possible()
    {
        foreach (ScaleAxis axis in ScaleBenchmark.Axes)
        {
            foreach (int value in ScaleBenchmark.Values(axis, s_base.Threads))
            {
                ScaleSetting changed = s_base.With(axis, value);
                BenchmarkPreset preset = changed.ToPreset();

                Assert.Equal(value, changed.ValueOf(axis));
                Assert.Equal(s_base, changed.With(axis, s_base.ValueOf(axis)));
                Assert.Equal(
                    (changed.Width, 4 * changed.Width, changed.SequenceLength, changed.Batch),
                    (preset.Model.Width, preset.Model.FeedForwardWidth, preset.Model.ContextLength, preset.BatchSize));
                Assert.Equal((ModelFamily.Gpt2, 65, 4, 4, 0.0), (
                    preset.Model.Family, preset.Model.VocabularySize, preset.Model.LayerCount, preset.Model.HeadCount,
                    preset.Model.Dropout));
            }
        }
    }

    [Fact]
    public void The_arithmetic_grows_as_it_should()
    {
        // 2048 tokens, each 6 operations for 4 · 12 · 128² weights and a head of 65 · 128, and 6 · 4 · 128 · 128 for attention.
        Assert.Equal(2048.0 * ((6 * ((4 * 12 * 128 * 128) + (65 * 128))) + (6 * 4 * 128 * 128)), Flops(ScaleAxis.Batch, 16));
        Assert.Equal(2 * Flops(ScaleAxis.Batch, 16), Flops(ScaleAxis.Batch, 32));
        Assert.InRange(Flops(ScaleAxis.Width, 768) / Flops(ScaleAxis.Width, 384), 3.9, 4);
        Assert.InRange(Flops(ScaleAxis.SequenceLength, 1024) / Flops(ScaleAxis.SequenceLength, 512), 2.4, 2.6);
    }

    [Fact]
    public void A_step_is_measured_and_told_with_its_arithmetic()
    {
        ScaleSetting tiny = new() { Threads = 1, Layers = 1, Heads = 2, Width = 8, SequenceLength = 4, Batch = 2 };

        ScalePoint point = ScaleBenchmark.Measure(tiny, ScaleAxis.SequenceLength, 16, seconds: 0.001);

        Assert.Equal((ScaleAxis.SequenceLength, 16, 1, 32), (point.Vary, point.Value, point.Threads, point.Tokens));
        Assert.Equal((tiny with { SequenceLength = 16 }).ToPreset().Model.ParameterCount, point.Parameters);
        Assert.Equal((tiny with { SequenceLength = 16 }).ToPreset().FlopsPerStep / 1e9, point.GflopPerStep);
        Assert.True(point.MedianMs > 0);
        Assert.Equal(point.GflopPerStep / (point.MedianMs / 1e3), point.Gflops, 9);
        Assert.InRange(point.Mfu, 0, 1);
    }

    [Fact]
    public void Axes_are_found_by_name_once_and_in_order()
    {
        Assert.Equal(["width", "sequence_length", "batch", "threads"], ScaleBenchmark.Axes.Select(ScaleBenchmark.Name));
        Assert.Equal([ScaleAxis.Width, ScaleAxis.Threads], ScaleBenchmark.Named("threads, width,threads"));

        var refused = Assert.Throws<InvalidInputException>(() => ScaleBenchmark.Named("width,depth"));
        Assert.Equal("'depth' cannot be varied; there are width, sequence_length, batch, threads", refused.Message);
    }

    private static double Flops(ScaleAxis axis, int value) => s_base.With(axis, value).ToPreset().FlopsPerStep;
}
