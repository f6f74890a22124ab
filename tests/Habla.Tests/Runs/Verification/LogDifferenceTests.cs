using Habla.Runs.Verification;
using Habla.Tracking;

namespace Habla.Tests.Runs.Verification;

public sealed class LogDifferenceTests
{
    private static readonly StepMetrics s_line = new(7, 1, 3.25, 1e-3, 0.5, 1000, 3.5);

    [Fact]
    public void The_first_value_that_differs_is_named()
    {
        Assert.Equal(new LogDifference(7, "epoch", 1, 2), Against(s_line with { Epoch = 2, Loss = 4 }));
        Assert.Equal(new LogDifference(7, "loss", 3.25, Math.BitIncrement(3.25)),
            Against(s_line with { Loss = Math.BitIncrement(3.25), GradientNorm = 1 }));
        Assert.Equal(new LogDifference(7, "grad_norm", 0.5, 1), Against(s_line with { GradientNorm = 1, LearningRate = 2 }));
        Assert.Equal(new LogDifference(7, "lr", 1e-3, 2e-3), Against(s_line with { LearningRate = 2e-3 }));
        Assert.Equal(new LogDifference(7, "val_loss", 3.5, null), Against(s_line with { ValidationLoss = null }));
    }

    [Fact]
    public void Speed_is_a_measurement_and_not_a_number_is_like_itself()
    {
        Assert.Null(Against(s_line with { TokensPerSecond = 1 }));
        StepMetrics lost = s_line with { ValidationLoss = double.NaN };
        Assert.Null(LogDifference.Between(lost, lost with { TokensPerSecond = 1 }));
    }

    private static LogDifference? Against(StepMetrics replayed) => LogDifference.Between(s_line, replayed);
}
