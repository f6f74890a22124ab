using System.Text.Json;

namespace Habla.Benchmarks;

/// <summary>
/// Times training steps of growing size: from one base, width, sequence length, batch and threads are varied, each alone. Where an
/// engine is sound, time follows the arithmetic: a wider step takes as much longer as it has more to compute.
/// </summary>
/// <remarks>
/// Each axis measures the base anew among its other values, so that what stands in one panel was measured within a minute: the speed
/// of a shared machine changes over time.
/// </remarks>
public static class ScaleBenchmark
{
    private static readonly int[] s_widths = [64, 96, 128, 192, 256, 384, 512, 768];
    private static readonly int[] s_sequenceLengths = [32, 64, 128, 256, 512, 1024];
    private static readonly int[] s_batches = [4, 8, 16, 32, 64];

    /// <summary>All that can be varied, in the order of the picture.</summary>
    public static IReadOnlyList<ScaleAxis> Axes { get; } = Enum.GetValues<ScaleAxis>();

    /// <summary>What is measured along an axis, from small to large; the base is among it.</summary>
    /// <param name="axis">What varies.</param>
    /// <param name="threads">The most threads: powers of two up to it, and itself.</param>
    public static IReadOnlyList<int> Values(ScaleAxis axis, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return axis switch
        {
            ScaleAxis.Width => s_widths,
            ScaleAxis.SequenceLength => s_sequenceLengths,
            ScaleAxis.Batch => s_batches,
            ScaleAxis.Threads =>
                [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(count => count < threads), threads],
            _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "not an axis"),
        };
    }

    /// <summary>Measures one step.</summary>
    /// <param name="basis">What all that does not vary is taken from.</param>
    /// <param name="vary">What varies.</param>
    /// <param name="value">Its value.</param>
    /// <param name="seconds">How long to warm up and then to measure, each; at least five steps are measured anyway.</param>
    public static ScalePoint Measure(ScaleSetting basis, ScaleAxis vary, int value, double seconds)
    {
        ArgumentNullException.ThrowIfNull(basis);
        ScaleSetting setting = basis.With(vary, value);
        BenchmarkPreset preset = setting.ToPreset();
        StepMeasurement step = StepBenchmark.Measure(preset, setting.Threads, seconds);
        return new ScalePoint
        {
            Vary = vary,
            Value = value,
            Threads = step.Threads,
            Parameters = step.Parameters,
            Tokens = step.TokensPerStep,
            MedianMs = step.MedianMs,
            GflopPerStep = preset.FlopsPerStep / 1e9,
            Gflops = step.Gflops,
            Mfu = step.Mfu,
        };
    }

    /// <summary>An axis's name on the command line and in JSON, such as sequence_length.</summary>
    /// <param name="axis">The axis.</param>
    public static string Name(ScaleAxis axis) => JsonNamingPolicy.SnakeCaseLower.ConvertName(axis.ToString());

    /// <summary>Finds axes by name.</summary>
    /// <param name="names">Names separated by commas.</param>
    /// <returns>Each once, in the order of <see cref="Axes"/>.</returns>
    /// <exception cref="InvalidInputException">A name is unknown; the message lists the known ones.</exception>
    public static IReadOnlyList<ScaleAxis> Named(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] wanted = names.Split(',', StringSplitOptions.TrimEntries);
        string? unknown = wanted.FirstOrDefault(name => Axes.All(axis => Name(axis) != name));
        return unknown is null
            ? [.. Axes.Where(axis => wanted.Contains(Name(axis)))]
            : throw new InvalidInputException(
                $"'{unknown}' cannot be varied; there are {string.Join(", ", Axes.Select(Name))}");
    }
}
