using Habla.Plotting;
using static System.FormattableString;

namespace Habla.Benchmarks;

/// <summary>Tokens a second against the position of the token, with and without a cache: a panel for each preset.</summary>
public static class GenerationPlot
{
    /// <summary>Panels beside each other.</summary>
    public const int Columns = 2;

    private static readonly PlotLook[] s_cached = [PlotStyle.Train, PlotStyle.LearningRate, PlotStyle.SecondRun];

    /// <summary>What stands above all panels.</summary>
    /// <param name="report">What was measured.</param>
    public static string Title(GenerationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        int threads = report.Results.Count == 0 ? 0 : report.Results[0].Threads;
        return "Speed of a token by its position, with and without a cache of keys and values\n"
            + Invariant($"{report.Machine.Cpu}, {threads} of {report.Machine.Cores} cores, {report.Machine.SimdBits}-bit SIMD, ")
            + Invariant($"memory read at {report.StreamGbPerS:0.0} GB/s");
    }

    /// <summary>Describes a panel for each preset whose positions were measured; <see cref="Gnuplot"/> draws them.</summary>
    /// <param name="report">What was measured.</param>
    public static IReadOnlyList<Plot> Of(GenerationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Results.Where(result => result.Positions is not null).GroupBy(result => result.Preset).Select(Panel)];
    }

    private static Plot Panel(IGrouping<string, GenerationMeasurement> preset)
    {
        var series = new List<PlotSeries>();
        foreach (GenerationMeasurement result in preset)
        {
            PlotLook look = s_cached[series.Count(line => line.Title.EndsWith(", cache", StringComparison.Ordinal)) % s_cached.Length];
            series.Add(new($"{result.Weights}, cache", Points(result, position => position.CachedTokensPerS), look));
        }

        GenerationMeasurement first = preset.First();
        series.Add(new($"{first.Weights}, no cache", Points(first, position => position.UncachedTokensPerS), PlotStyle.Validation));
        return new Plot(
            Invariant($"{preset.Key} ({first.Parameters / 1e6:0.0} million parameters)"), "tokens before it", "tokens a second", series)
        {
            LogarithmicY = true,
        };
    }

    private static List<(double X, double Y)> Points(GenerationMeasurement result, Func<PositionSpeed, double?> speed) =>
        [.. result.Positions!.Where(position => speed(position) is not null)
            .Select(position => ((double)position.Position, speed(position)!.Value))];
}
