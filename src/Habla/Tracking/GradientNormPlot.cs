using System.Globalization;
using Habla.Plotting;

namespace Habla.Tracking;

/// <summary><c>grad_norm.png</c>: the gradients' norm by step, before clipping, with the limit of clipping.</summary>
public static class GradientNormPlot
{
    // Beyond this ratio of the largest to the usual norm, a linear axis would flatten all but the peaks.
    private const double LinearRatio = 20;

    /// <summary>The plot; its title has the share of steps that were clipped.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="clipNorm">The largest norm after clipping; 0 for no clipping, and no line.</param>
    public static Plot Of(IReadOnlyList<StepMetrics> steps, double clipNorm)
    {
        ArgumentNullException.ThrowIfNull(steps);
        StepMetrics[] drawn = [.. steps.Where(step => step.GradientNorm > 0 && double.IsFinite(step.GradientNorm))];
        List<PlotSeries> series =
        [
            new("", [.. drawn.Select(step => ((double)step.Step, step.GradientNorm))], PlotStyle.TrainFaint),
            new(
                string.Create(CultureInfo.InvariantCulture, $"norm before clipping (mean of {TrainingPlots.SmoothingWindow(steps.Count)})"),
                TrainingPlots.Smoothed(drawn, step => step.GradientNorm), PlotStyle.Train),
        ];
        string share = "no clipping";
        if (clipNorm > 0 && steps.Count > 0)
        {
            share = string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * steps.Count(step => step.GradientNorm > clipNorm) / steps.Count:0.#} % of steps clipped");
            series.Add(PlotSeries.Horizontal(
                string.Create(CultureInfo.InvariantCulture, $"clipped down to {clipNorm:0.###}"),
                steps[0].Step, steps[^1].Step, clipNorm, PlotStyle.Baseline));
        }

        double largest = Math.Max(clipNorm, drawn.Length == 0 ? 1 : drawn.Max(step => step.GradientNorm));
        bool linear = drawn.Length == 0 || largest <= LinearRatio * drawn.Average(step => step.GradientNorm);
        return new Plot($"Gradient norm ({share})", "step", "gradient norm", series)
        {
            LogarithmicY = !linear,
            YMarks = linear ? Marks(largest) : [],
        };
    }

    /// <summary>About six round numbers from 0 up.</summary>
    private static IReadOnlyList<double> Marks(double largest)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(largest / 6)));
        double distance = power * (largest / 6 / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        return [.. Enumerable.Range(0, (int)(largest / distance) + 2).Select(i => Math.Round(i * distance, 12))];
    }
}
