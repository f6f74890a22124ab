using Habla.Plotting;

namespace Habla.Tracking;

/// <summary>The pictures of a training run, all drawn from its log.</summary>
public static class RunPictures
{
    /// <summary>Draws loss_curve.png, training_curve.png, loss_by_epoch.png and grad_norm.png into the run's folder.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="steps">Its log, in order.</param>
    /// <param name="baselinePerplexity">The best baseline's perplexity on the validation data; null for none.</param>
    /// <param name="clipNorm">The gradients' largest norm after clipping; 0 for no clipping.</param>
    /// <param name="gnuplot">Draws.</param>
    /// <returns>A line for each reason why pictures could not be drawn.</returns>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public static List<string> Draw(
        RunFolder folder, IReadOnlyList<StepMetrics> steps, double? baselinePerplexity, double clipNorm, Gnuplot gnuplot)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(gnuplot);
        return gnuplot.DrawAll(
            (folder.LossCurveFile, [TrainingPlots.LossCurve(steps, baselinePerplexity)]),
            (folder.TrainingCurveFile, TrainingPlots.TrainingCurve(steps, baselinePerplexity)),
            (folder.LossByEpochFile, [TrainingPlots.LossByEpoch(steps, baselinePerplexity)]),
            (folder.GradientNormFile, [GradientNormPlot.Of(steps, clipNorm)]));
    }
}
