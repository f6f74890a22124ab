using System.Globalization;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Experiments;

/// <summary>The runs of an experiment in one picture: training losses, and below them validation losses where there are any.</summary>
internal static class ExperimentPlot
{
    /// <summary>Losses that span more than this factor are drawn on a logarithmic axis.</summary>
    private const double WideSpan = 8;

    /// <summary>More titles than this would take more room than the lines.</summary>
    private const int MostTitles = 12;

    // Told apart by people who do not see all colours, too (Okabe and Ito), then the same again with dashes.
    private static readonly string[] Colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#111111", "#8c8c8c"];

    /// <summary>The panels.</summary>
    /// <param name="plan">The runs; their logs are read from their folders.</param>
    public static IReadOnlyList<Plot> Of(ExperimentPlan plan)
    {
        List<(PlannedRun Run, IReadOnlyList<StepMetrics> Log)> logs = [.. plan.Runs.Select(run => (run, ExperimentRow.LogOf(run)))];

        // Runs of unequal batches pass over the data in unequal numbers of steps; side by side they go by epochs.
        bool byEpoch = plan.Runs.Select(run => run.StepsPerEpoch).Distinct().Count() > 1;
        Dictionary<PlannedRun, string> titles = Titles(plan);
        List<PlotSeries> train = Series(logs, TrainingPlots.SmoothedLoss);
        List<PlotSeries> validation = Series(logs, TrainingPlots.ValidationLoss);
        string below = byEpoch ? "epochs" : "step";
        List<Plot> panels = [Panel("Training loss (smoothed)", below, train)];
        if (validation.Any(series => series.Points.Count > 0))
        {
            panels.Add(Panel("Validation loss", below, validation));
        }

        return panels;

        List<PlotSeries> Series(
            List<(PlannedRun Run, IReadOnlyList<StepMetrics> Log)> runs,
            Func<IReadOnlyList<StepMetrics>, IReadOnlyList<(double X, double Y)>> points) =>
        [
            .. runs.Where(one => one.Log.Count > 0).Select(one => new PlotSeries(
                titles.GetValueOrDefault(one.Run, ""),
                [.. points(one.Log).Select(point => (byEpoch ? point.X / one.Run.StepsPerEpoch : point.X, point.Y))],
                Look(one.Run.Setting))),
        ];
    }

    /// <summary>A title for the first run of each setting: its seeds are lines of one colour.</summary>
    private static Dictionary<PlannedRun, string> Titles(ExperimentPlan plan) => plan.Runs
        .GroupBy(run => run.Setting).Take(MostTitles).Select(setting => setting.First())
        .ToDictionary(run => run, run => plan.File.Seeds.Count > 1
            ? run.Name.Replace(
                string.Create(CultureInfo.InvariantCulture, $"_seed-{run.Recipe.Training.Seed}"), "", StringComparison.Ordinal)
            : run.Name);

    private static Plot Panel(string title, string below, List<PlotSeries> series)
    {
        double[] losses = [.. series.SelectMany(one => one.Points).Select(point => point.Y).Where(double.IsFinite)];
        return new Plot(title, below, "loss (nats per token)", series)
        {
            LogarithmicY = losses.Length > 0 && losses.Min() > 0 && losses.Max() / losses.Min() > WideSpan,
        };
    }

    private static PlotLook Look(int index) => new(Colors[index % Colors.Length], 2, Dashed: index / Colors.Length % 2 == 1);
}
