using Habla.Plotting;
using Habla.Tracking;
using static System.FormattableString;

namespace Habla.Benchmarks;

/// <summary>
/// The picture of scale: for each axis the time of a step, and the line on which the times would be if they were in proportion to
/// the arithmetic, drawn through the base. Both scales are logarithmic, so that a factor is the same distance everywhere.
/// </summary>
public static class ScalePlot
{
    /// <summary>Panels beside each other.</summary>
    public const int Columns = 2;

    private static readonly double[] s_marksOfADecade = [1, 2, 5], s_closeMarksOfADecade = [1, 1.5, 2, 3, 4, 5, 6, 7, 8];

    /// <summary>What stands above all panels.</summary>
    /// <param name="report">What was measured.</param>
    public static string Title(ScaleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        (ScaleSetting basis, Hardware machine) = (report.Base, report.Machine);
        return "Time of a training step, measured and as its arithmetic predicts from the base\n"
            + Invariant($"{basis.Family.ToString().ToLowerInvariant()}, {basis.Layers} layers, {basis.Heads} heads, ")
            + Invariant($"vocabulary {basis.VocabularySize}; ")
            + Invariant($"{machine.Cpu}, {Count(machine.Cores, "core")}, {machine.SimdBits}-bit SIMD");
    }

    /// <summary>Describes a panel for each axis that was measured; <see cref="Gnuplot"/> draws them.</summary>
    /// <param name="report">What was measured; on each axis the base is among it.</param>
    public static IReadOnlyList<Plot> Of(ScaleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Points.GroupBy(point => point.Vary).Select(axis => Panel(report.Base, axis.Key, [.. axis]))];
    }

    private static Plot Panel(ScaleSetting basis, ScaleAxis axis, List<ScalePoint> points)
    {
        ScalePoint start = points.First(point => point.Value == basis.ValueOf(axis));
        List<PlotSeries> series =
        [
            new("predicted", Places(points, point => point.MsAtTheSpeedOf(start)), PlotStyle.Expected),
            new("measured", Places(points, point => point.MedianMs), PlotStyle.Measured),
            new("base", Places([start], point => point.MedianMs), PlotStyle.Best),
        ];
        return new Plot(TitleOf(basis, axis), LabelOf(axis), "time of a step (ms)", series)
        {
            LogarithmicX = true,
            LogarithmicY = true,
            XMarks = [.. points.Select(point => (double)point.Value)],
            YMarks = Marks([.. series.SelectMany(line => line.Points).Select(point => point.Y)]),
        };
    }

    private static string TitleOf(ScaleSetting basis, ScaleAxis axis)
    {
        IEnumerable<string> others = ScaleBenchmark.Axes.Where(other => other != axis).Select(other => other switch
        {
            ScaleAxis.Width => Invariant($"width {basis.Width}"),
            ScaleAxis.SequenceLength => Invariant($"sequence length {basis.SequenceLength}"),
            ScaleAxis.Batch => Invariant($"batch {basis.Batch}"),
            _ => Count(basis.Threads, "thread"),
        });
        string varied = ScaleBenchmark.Name(axis).Replace('_', ' ');
        return $"{char.ToUpperInvariant(varied[0])}{varied[1..]} ({string.Join(", ", others)})";
    }

    private static string LabelOf(ScaleAxis axis) => axis switch
    {
        ScaleAxis.Width => "width (numbers per token)",
        ScaleAxis.SequenceLength => "sequence length (tokens)",
        ScaleAxis.Batch => "batch (sequences)",
        _ => "threads",
    };

    /// <summary>1, 2 and 5 of each decade that the values touch; more where they span less than a decade.</summary>
    private static List<double> Marks(List<double> values)
    {
        (double least, double most) = (values.Min(), values.Max());
        double[] marks = most < 10 * least ? s_closeMarksOfADecade : s_marksOfADecade;
        int first = (int)Math.Floor(Math.Log10(least)), last = (int)Math.Floor(Math.Log10(most));
        return [.. Enumerable.Range(first, last - first + 1).SelectMany(decade => marks.Select(mark => mark * Math.Pow(10, decade)))];
    }

    private static List<(double X, double Y)> Places(IEnumerable<ScalePoint> points, Func<ScalePoint, double> time) =>
        [.. points.Select(point => ((double)point.Value, time(point)))];

    private static string Count(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}
