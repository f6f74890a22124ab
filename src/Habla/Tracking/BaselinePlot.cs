using System.Globalization;
using Habla.Baselines;
using Habla.Plotting;

namespace Habla.Tracking;

/// <summary>The picture of the n-gram baselines: validation perplexity against n, a curve a family, the best one marked.</summary>
public static class BaselinePlot
{
    // Beyond this span a linear axis would press the good models into one line.
    private const double SpanForLogarithm = 30;

    /// <summary>Describes the plot; <see cref="Gnuplot"/> draws it.</summary>
    /// <param name="result">The models and their perplexities.</param>
    public static Plot Of(BaselineResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        BaselineRow best = result.Best;
        string label = string.Create(
            CultureInfo.InvariantCulture, $"best: {Name(best.Family)}, n = {best.Order}: {best.ValPpl:0.000}");
        return new Plot(
            "n-gram baselines on validation",
            "n (tokens in the n-gram)",
            "perplexity per token",
            [
                Curve(NgramFamily.AddAlpha, PlotStyle.WeakBaseline),
                Curve(NgramFamily.KneserNey, PlotStyle.StrongBaseline),
                new PlotSeries("", [(best.Order, best.ValPpl)], PlotStyle.Best) { Label = label },
            ])
        {
            XStep = 1,
            LogarithmicY = result.Rows.Max(row => row.ValPpl) > SpanForLogarithm * result.Rows.Min(row => row.ValPpl),
        };

        PlotSeries Curve(NgramFamily family, PlotLook look) => new(
            Name(family),
            [.. result.Rows.Where(row => row.Family == family).Select(row => ((double)row.Order, row.ValPpl))],
            look);
    }

    /// <summary>A family's name for people.</summary>
    /// <param name="family">The family.</param>
    public static string Name(NgramFamily family) => family == NgramFamily.AddAlpha ? "add-α" : "Kneser–Ney";
}
