using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Tests.Plotting;

public class PlotPointsTests
{
    private static List<(double X, double Y)> Wave(int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((double)i, Math.Sin(i * 0.37) + (0.001 * i)))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PlotPoints.Most)]
    public void What_a_picture_can_show_is_left_as_it_is(int count)
    {
        List<(double X, double Y)> points = Wave(count);
        Assert.Same(points, PlotPoints.Thin(points));
    }

    [Theory]
    [InlineData(PlotPoints.Most + 1)]
    [InlineData(100_000)]
    [InlineData(123_457)]
    public void A_long_series_is_thinned_in_order_and_keeps_its_peaks(int count)
    {
        List<(double X, double Y)> points = Wave(count);
        points[count / 3] = (count / 3, 1e6);
        points[count / 2] = (count / 2, -1e6);

        IReadOnlyList<(double X, double Y)> thin = PlotPoints.Thin(points);

        Assert.InRange(thin.Count, PlotPoints.Most / 2, PlotPoints.Most);
        Assert.Contains(points[count / 3], thin);
        Assert.Contains(points[count / 2], thin);
        Assert.All(thin, point => Assert.Equal(points[(int)point.X], point));
        Assert.True(thin.Zip(thin.Skip(1)).All(pair => pair.First.X < pair.Second.X));
    }

    [Fact]
    public void A_long_log_is_smoothed_at_some_steps_and_at_its_ends()
    {
        StepMetrics[] steps = [.. Enumerable.Range(1, 100_001).Select(i => new StepMetrics(i, 0, 5.0 + i, 0.1, 1, 1))];

        List<(double X, double Y)> smooth = TrainingPlots.Smoothed(steps, step => step.Loss);

        Assert.InRange(smooth.Count, PlotPoints.Most / 2, PlotPoints.Most + 1);
        Assert.Equal((1, 6), smooth[0]);
        Assert.Equal((100_001, 100_006), smooth[^1]);
        Assert.All(smooth, point => Assert.Equal(point.X + 5, point.Y, 6)); // the mean of a straight line is on it
    }
}
