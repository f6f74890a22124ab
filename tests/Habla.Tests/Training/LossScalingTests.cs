using Habla.Training;

namespace Habla.Tests.Training;

public class LossScalingTests
{
    [Fact]
    public void The_scale_doubles_after_2000_good_steps_in_a_row_and_halves_at_each_bad_one()
    {
        var scaling = new LossScaling();
        Assert.Equal(new LossScaleState(65_536, 0, 0), scaling.State);
        for (int step = 1; step < 2_000; step++)
        {
            Assert.False(scaling.Skips(isFinite: true));
        }

        Assert.Equal(new LossScaleState(65_536, 1_999, 0), scaling.State);
        Assert.False(scaling.Skips(isFinite: true));
        Assert.Equal(new LossScaleState(131_072, 0, 0), scaling.State);
        Assert.False(scaling.Skips(isFinite: true));
        Assert.True(scaling.Skips(isFinite: false));
        Assert.True(scaling.Skips(isFinite: false));
        Assert.Equal(new LossScaleState(32_768, 0, 2), scaling.State);
    }

    [Fact]
    public void At_scale_1_nothing_is_skipped_any_more()
    {
        var scaling = new LossScaling { State = new LossScaleState(2, 5, 7) };
        Assert.True(scaling.Skips(isFinite: false));
        Assert.False(scaling.Skips(isFinite: false));
        Assert.Equal(new LossScaleState(1, 0, 8), scaling.State);
    }

    [Fact]
    public void The_scale_has_an_upper_end()
    {
        var scaling = new LossScaling { State = new LossScaleState(LossScaling.LargestScale, 1_999, 0) };
        scaling.Skips(isFinite: true);
        Assert.Equal(LossScaling.LargestScale, scaling.Scale);
    }

    [Theory]
    [InlineData(0.5, 0, 0)]
    [InlineData(double.NaN, 0, 0)]
    [InlineData(double.PositiveInfinity, 0, 0)]
    [InlineData(2, -1, 0)]
    [InlineData(2, 0, -1)]
    public void A_state_that_no_run_can_have_is_refused(double scale, int good, int skipped) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LossScaling().State = new LossScaleState(scale, good, skipped));
}
