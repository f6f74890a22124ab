using Habla.Tensors.Tests.Reference;
using Habla.Training;

namespace Habla.Tests.Training;

public class LearningRateScheduleTests
{
    private static readonly OptimizerOptions s_rates = new() { MaximumLearningRate = 1e-3, MinimumLearningRate = 1e-4 };

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 7)]
    [InlineData(100, 2_000)]
    [InlineData(50, 50)]
    public void The_cosine_is_the_formula(int warmup, int total)
    {
        LearningRateSchedule schedule = Schedule(ScheduleKind.Cosine, warmup, total);
        for (int step = 0; step < total; step++)
        {
            Assert.Equal(ReferenceOps.LearningRate(step, warmup, total, 1e-3, 1e-4), schedule.At(step), 1e-17);
        }
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine, 0, 1e-4)]
    [InlineData(ScheduleKind.Cosine, 4, 5e-4)]
    [InlineData(ScheduleKind.Cosine, 9, 1e-3)]
    [InlineData(ScheduleKind.Cosine, 10, 1e-3)]
    [InlineData(ScheduleKind.Cosine, 60, 5.5e-4)]
    [InlineData(ScheduleKind.Cosine, 110, 1e-4)]
    [InlineData(ScheduleKind.Cosine, 1_000, 1e-4)]
    [InlineData(ScheduleKind.Linear, 9, 1e-3)]
    [InlineData(ScheduleKind.Linear, 35, 7.75e-4)]
    [InlineData(ScheduleKind.Linear, 60, 5.5e-4)]
    [InlineData(ScheduleKind.Linear, 110, 1e-4)]
    [InlineData(ScheduleKind.Constant, 0, 1e-4)]
    [InlineData(ScheduleKind.Constant, 10, 1e-3)]
    [InlineData(ScheduleKind.Constant, 110, 1e-3)]
    public void Values_by_hand_with_ten_steps_of_warm_up_of_110(ScheduleKind kind, int step, double expected) =>
        Assert.Equal(expected, Schedule(kind, 10, 110).At(step), 1e-15);

    [Fact]
    public void Without_warm_up_the_first_step_has_the_whole_rate() => Assert.Equal(1e-3, Schedule(ScheduleKind.Cosine, 0, 5).At(0));

    [Fact]
    public void A_run_has_at_least_one_step() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule(ScheduleKind.Cosine, 0, 0));

    private static LearningRateSchedule Schedule(ScheduleKind kind, int warmup, int total) =>
        new(new SchedulerOptions { Type = kind, WarmupSteps = warmup }, s_rates, total);
}
