using Habla.Plotting;
using Habla.Tests.Plotting;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class GradientNormPlotTests
{
    private static readonly StepMetrics[] _steps =
        [.. Enumerable.Range(1, 200).Select(step => new StepMetrics(step, 0, 2, 1e-3, step <= 50 ? 2 : 0.5, 1000))];

    [Fact]
    public void The_title_has_the_share_that_was_clipped_and_the_line_stands_at_the_limit()
    {
        Plot plot = GradientNormPlot.Of(_steps, 1);
        Assert.Equal("Gradient norm (25 % of steps clipped)", plot.Title);
        Assert.Equal("clipped down to 1", plot.Series[^1].Title);
        Assert.Equal([(1.0, 1.0), (200.0, 1.0)], plot.Series[^1].Points);
        Assert.False(plot.LogarithmicY);
    }

    [Fact]
    public void Without_clipping_there_is_no_line()
    {
        Plot plot = GradientNormPlot.Of(_steps, 0);
        Assert.Equal("Gradient norm (no clipping)", plot.Title);
        Assert.Equal(2, plot.Series.Count);
    }

    [Fact]
    public void Peaks_far_above_the_rest_make_the_axis_logarithmic()
    {
        StepMetrics[] peak = [.. _steps.Take(199), _steps[199] with { GradientNorm = 5000 }, _steps[199] with { GradientNorm = 0 }];
        Plot plot = GradientNormPlot.Of(peak, 1);
        Assert.True(plot.LogarithmicY);
        Assert.All(plot.Series[0].Points, point => Assert.True(point.Y > 0));
    }

    [GnuplotFact]
    public void It_is_drawn_with_marks_and_without_a_step()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(new Gnuplot().Draw(Path.Combine(folder.Path, "a.png"), GradientNormPlot.Of(_steps, 1)));
        Assert.Null(new Gnuplot().Draw(Path.Combine(folder.Path, "b.png"), GradientNormPlot.Of([], 1)));
    }
}
