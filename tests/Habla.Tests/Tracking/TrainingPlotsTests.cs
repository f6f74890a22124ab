using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class TrainingPlotsTests
{
    // A made-up run: 500 steps in five epochs, validated every 50.
    private static readonly StepMetrics[] _steps =
    [
        .. Enumerable.Range(1, 500).Select(step => new StepMetrics(
            step,
            (step - 1) / 100,
            1 + (3.2 * Math.Exp(-step / 90.0)) + (0.3 * ((step * 37 % 101 / 101.0) - 0.5)),
            3e-4 * Math.Min(1, step / 50.0) * (step < 500 ? 1.02 - (step / 500.0) : 0.02),
            1,
            5000,
            step % 50 == 0 ? 1.1 + (3 * Math.Exp(-step / 90.0)) : null)),
    ];

    [Fact]
    public void The_baseline_stands_at_its_loss_over_the_whole_run()
    {
        PlotSeries baseline = TrainingPlots.LossCurve(_steps, Math.E * Math.E).Series[^1];
        Assert.Equal("n-gram baseline (ppl 7.39)", baseline.Title);
        Assert.Equal([1, 500], baseline.Points.Select(point => point.X));
        Assert.All(baseline.Points, point => Assert.Equal(2, point.Y, 12));
    }

    [Fact]
    public void Validation_is_drawn_where_it_was_measured()
    {
        PlotSeries validation = TrainingPlots.LossCurve(_steps).Series.Single(series => series.Title == "validation");
        Assert.Equal(Enumerable.Range(1, 10).Select(i => 50.0 * i), validation.Points.Select(point => point.X));
    }

    [Fact]
    public void Smoothing_takes_the_noise_and_leaves_ends_and_constants_alone()
    {
        IReadOnlyList<(double X, double Y)> smooth = TrainingPlots.LossCurve(_steps).Series[1].Points;
        Assert.Equal("train (mean of 11)", TrainingPlots.LossCurve(_steps).Series[1].Title);
        Assert.Equal(_steps[0].Loss, smooth[0].Y);
        Assert.Equal(_steps[^1].Loss, smooth[^1].Y);
        Assert.InRange(smooth[249].Y - 1 - (3.2 * Math.Exp(-250 / 90.0)), -0.04, 0.04);
        StepMetrics[] constant = [.. _steps.Select(step => step with { Loss = 2 })];
        Assert.All(TrainingPlots.LossCurve(constant).Series[1].Points, point => Assert.Equal(2, point.Y));
    }

    [Fact]
    public void An_epoch_is_the_mean_of_its_train_losses_and_its_last_validation()
    {
        Plot plot = TrainingPlots.LossByEpoch(_steps);
        Assert.Equal([1.0, 2, 3, 4, 5], plot.Series[0].Points.Select(point => point.X));
        Assert.Equal(_steps.Take(100).Average(step => step.Loss), plot.Series[0].Points[0].Y);
        Assert.Equal(_steps[199].ValidationLoss, plot.Series[1].Points[1].Y);
    }

    [Fact]
    public void The_learning_rate_has_a_logarithmic_panel_of_its_own_without_zeros()
    {
        StepMetrics[] steps = [_steps[0] with { LearningRate = 0 }, .. _steps.Skip(1)];
        IReadOnlyList<Plot> panels = TrainingPlots.TrainingCurve(steps);
        Assert.Equal(2, panels.Count);
        Assert.True(panels[1].LogarithmicY);
        Assert.Equal(499, panels[1].Series[0].Points.Count);
    }

    [Fact]
    public void Every_picture_can_be_drawn_even_of_a_run_of_one_step_that_diverged()
    {
        using var folder = new TemporaryFolder();
        var gnuplot = new Gnuplot();
        StepMetrics[] diverged = [_steps[0] with { Loss = double.NaN }];
        foreach ((StepMetrics[] steps, string name) in (
            (StepMetrics[], string)[])[(_steps, "run"), (_steps[..1], "one"), (diverged, "diverged"), ([], "none")])
        {
            string path = folder.In(name);
            double? baseline = name == "run" ? 2.86 : null;
            string?[] skipped =
            [
                gnuplot.Draw(path + "-loss.png", TrainingPlots.LossCurve(steps, baseline)),
                gnuplot.Draw(path + "-training.png", TrainingPlots.TrainingCurve(steps, baseline)),
                gnuplot.Draw(path + "-epochs.png", TrainingPlots.LossByEpoch(steps, baseline)),
            ];
            if (skipped[0]?.Contains("is not installed", StringComparison.Ordinal) == true)
            {
                return;
            }

            Assert.All(skipped, Assert.Null);
        }

        Assert.Equal(12, Directory.GetFiles(folder.Path, "*.png").Length);
        if (Environment.GetEnvironmentVariable("HABLA_KEEP_PLOTS") is { Length: > 0 } keep)
        {
            foreach (string file in Directory.GetFiles(folder.Path))
            {
                File.Copy(file, Path.Combine(keep, Path.GetFileName(file)), overwrite: true);
            }
        }
    }
}
