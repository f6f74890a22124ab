using System.Globalization;
using Habla.Plotting;

namespace Habla.Tracking;

/// <summary>The pictures of a training run, made from its log: blue is train, red is validation, green the learning rate.</summary>
public static class TrainingPlots
{
    // Wide enough to see the trend through the noise of small batches, narrow enough to keep the shape of the start.
    private const int SmoothingShare = 50;

    // Epochs are whole numbers; with more than this many, gnuplot's own marks are whole as well.
    private const int MostMarkedEpochs = 20;

    /// <summary>Loss by step: train lightly smoothed over its raw values, validation, and the baseline as a dashed line.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="baselinePerplexity">
    /// The best baseline's perplexity on the validation data; the line is at its logarithm, which is its loss. Null draws none.
    /// </param>
    public static Plot LossCurve(IReadOnlyList<StepMetrics> steps, double? baselinePerplexity = null)
    {
        int window = SmoothingWindow(steps.Count);
        List<PlotSeries> series =
        [
            new("", Points(steps, step => step.Loss), PlotStyle.TrainFaint),
            new(window == 1 ? "train" : $"train (mean of {window})", SmoothedLoss(steps), PlotStyle.Train),
            new("validation", ValidationLoss(steps), PlotStyle.Validation),
        ];
        if (baselinePerplexity is { } perplexity && steps.Count > 0)
        {
            series.Add(Baseline(perplexity, steps[0].Step, steps[^1].Step));
        }

        return new Plot("Loss", "step", "loss (nats per token)", series);
    }

    /// <summary>Two panels with the same steps: the losses above, the learning rate on a logarithmic scale below.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="baselinePerplexity">As for <see cref="LossCurve"/>.</param>
    public static IReadOnlyList<Plot> TrainingCurve(IReadOnlyList<StepMetrics> steps, double? baselinePerplexity = null) =>
    [
        LossCurve(steps, baselinePerplexity),
        new Plot(
            "Learning rate", "step", "learning rate",
            [
                new("learning rate", Points(steps, step => step.LearningRate > 0 ? step.LearningRate : null), PlotStyle.LearningRate),
            ])
        {
            LogarithmicY = true,
        },
    ];

    /// <summary>For each pass over the training data the mean of its train losses and its last validation loss.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="baselinePerplexity">As for <see cref="LossCurve"/>.</param>
    public static Plot LossByEpoch(IReadOnlyList<StepMetrics> steps, double? baselinePerplexity = null)
    {
        List<IGrouping<int, StepMetrics>> epochs = [.. steps.GroupBy(step => step.Epoch)];
        List<PlotSeries> series =
        [
            new("train (mean)", [.. epochs.Select(epoch => (Number(epoch), epoch.Average(step => step.Loss)))],
                PlotStyle.Train with { PointType = PlotStyle.Validation.PointType, PointSize = PlotStyle.Validation.PointSize }),
            new("validation (last)",
                [
                    .. epochs.SelectMany(epoch => epoch.Select(step => step.ValidationLoss).OfType<double>().TakeLast(1)
                        .Select(loss => (Number(epoch), loss))),
                ],
                PlotStyle.Validation),
        ];
        if (baselinePerplexity is { } perplexity && epochs.Count > 0)
        {
            series.Add(Baseline(perplexity, Number(epochs[0]), Number(epochs[^1])));
        }

        return new Plot("Loss by epoch", "epoch", "loss (nats per token)", series)
        {
            XStep = epochs.Count <= MostMarkedEpochs ? 1 : 0,
        };

        static double Number(IGrouping<int, StepMetrics> epoch) => epoch.Key + 1;
    }

    /// <summary>The training loss by step, smoothed as in <see cref="LossCurve"/>.</summary>
    internal static IReadOnlyList<(double X, double Y)> SmoothedLoss(IReadOnlyList<StepMetrics> steps) =>
        Smoothed(steps, step => step.Loss);

    /// <summary>The validation loss at the steps that have one.</summary>
    internal static IReadOnlyList<(double X, double Y)> ValidationLoss(IReadOnlyList<StepMetrics> steps) =>
        Points(steps, step => step.ValidationLoss);

    private static PlotSeries Baseline(double perplexity, double from, double to) => PlotSeries.Horizontal(
        string.Create(CultureInfo.InvariantCulture, $"n-gram baseline (ppl {perplexity:0.00})"),
        from, to, Math.Log(perplexity), PlotStyle.Baseline);

    /// <summary>How many steps <see cref="Smoothed"/> takes the mean of: a fiftieth of the log.</summary>
    internal static int SmoothingWindow(int steps) => Math.Max(1, (steps / SmoothingShare / 2 * 2) + 1);

    private static List<(double X, double Y)> Points(IReadOnlyList<StepMetrics> steps, Func<StepMetrics, double?> value) =>
        [.. steps.Where(step => value(step) is not null).Select(step => ((double)step.Step, value(step)!.Value))];

    /// <summary>
    /// A centred mean that narrows towards both ends, so that it neither lags behind nor invents values; of a long log every so many steps.
    /// </summary>
    internal static List<(double X, double Y)> Smoothed(IReadOnlyList<StepMetrics> steps, Func<StepMetrics, double> value)
    {
        int window = SmoothingWindow(steps.Count);
        StepMetrics[] finite = [.. steps.Where(step => double.IsFinite(value(step)))];
        var smooth = new List<(double, double)>(Math.Min(finite.Length, PlotPoints.Most + 1));
        for (int i = 0; i < finite.Length; i = NextOf(i, finite.Length))
        {
            int reach = Math.Min(window / 2, Math.Min(i, finite.Length - 1 - i));
            double sum = 0;
            for (int j = i - reach; j <= i + reach; j++)
            {
                sum += value(finite[j]);
            }

            smooth.Add((finite[i].Step, sum / ((2 * reach) + 1)));
        }

        return smooth;

        // A long log's every mean would cost the square of its length; the last one is never left out.
        static int NextOf(int i, int count) => i == count - 1 ? count : Math.Min(i + PlotPoints.Distance(count), count - 1);
    }
}
