using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class LossSummaryTests
{
    [Fact]
    public void First_last_and_least_are_told()
    {
        StepMetrics[] steps = [Step(1, 4, 1e-4), Step(2, 0.9, 1e-3), Step(3, 1, 5e-4)];
        LossSummary summary = LossSummary.Of(steps, 300)!;
        Assert.Equal(new LossSummary(4, 1, 0.9, 2, 1e-3, 5e-4, 300), summary);
        Assert.Equal(75, summary.ReductionPercent);
        Assert.Null(LossSummary.Of([], 0));
    }

    private static StepMetrics Step(int step, double loss, double learningRate) => new(step, 0, loss, learningRate, 1, 100);
}
