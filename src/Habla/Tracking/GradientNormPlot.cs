using System.Globalization;

namespace Habla.Tracking;

/// <summary><c>grad_norm.png</c>: the gradients' norm by step on a logarithmic scale, with the limit of clipping.</summary>
public static class GradientNormPlot
{
    /// <summary>The plot; its title has the share of steps that were clipped.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="clipNorm">The largest norm after clipping; 0 for no clipping, and no line.</param>
    public static Plot Of(IReadOnlyList<StepMetrics> steps, double clipNorm)
    {
        ArgumentNullException.ThrowIfNull(steps);
        List<PlotSeries> series =
        [
            new(
                "gradient norm before clipping",
                [.. steps.Where(step => step.GradientNorm > 0).Select(step => ((double)step.Step, step.GradientNorm))], PlotStyle.Train),
        ];
        string share = "never clipped";
        if (clipNorm > 0 && steps.Count > 0)
        {
            share = string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * steps.Count(step => step.GradientNorm > clipNorm) / steps.Count:0.#} % of steps clipped");
            series.Add(PlotSeries.Horizontal(
                string.Create(CultureInfo.InvariantCulture, $"clipped down to {clipNorm:0.###}"), steps[0].Step, steps[^1].Step, clipNorm, PlotStyle.Baseline));
        }

        return new Plot($"Gradient norm ({share})", "step", "gradient norm", series) { LogarithmicY = true };
    }
}
