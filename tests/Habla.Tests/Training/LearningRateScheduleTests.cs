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

    /// <summary>lr_min + (lr_max − lr_min)·(1 + cos(π·t/n))/2 at step t of a cycle of n; the warm-up has two steps.</summary>
    [Theory]
    [InlineData(4, 1, 0, 5e-4)]
    [InlineData(4, 1, 1, 1e-3)]
    [InlineData(4, 1, 2, 1e-3)] // t = 0
    [InlineData(4, 1, 3, 8.68198051533946e-4)] // t = 1: 1e-4 + 4.5e-4·(1 + √½)
    [InlineData(4, 1, 4, 5.5e-4)]
    [InlineData(4, 1, 5, 2.31801948466054e-4)] // t = 3: 1e-4 + 4.5e-4·(1 − √½)
    [InlineData(4, 1, 6, 1e-3)] // the restart
    [InlineData(4, 1, 2_000_002, 1e-3)]
    [InlineData(4, 1, 2_000_004, 5.5e-4)]
    [InlineData(2, 3, 2, 1e-3)]
    [InlineData(2, 3, 3, 5.5e-4)]
    [InlineData(2, 3, 4, 1e-3)] // the second cycle, of 6
    [InlineData(2, 3, 6, 7.75e-4)] // t = 2 of 6: 1e-4 + 4.5e-4·(1 + ½)
    [InlineData(2, 3, 7, 5.5e-4)]
    [InlineData(2, 3, 8, 3.25e-4)]
    [InlineData(2, 3, 10, 1e-3)] // the third, of 18
    [InlineData(2, 3, 19, 5.5e-4)]
    [InlineData(2, 3, 28, 1e-3)]
    [InlineData(1, 1_000, int.MaxValue, null)]
    public void Restarts_by_hand(int cycle, int multiplier, int step, double? expected)
    {
        var schedule = new LearningRateSchedule(
            new SchedulerOptions { Type = ScheduleKind.Restarts, WarmupSteps = 2, RestartSteps = cycle, RestartMultiplier = multiplier },
                s_rates, 110);
        Assert.InRange(schedule.At(step), 1e-4, 1e-3);
        if (expected is { } rate)
        {
            Assert.Equal(rate, schedule.At(step), 1e-15);
        }
    }

    [Fact]
    public void One_cycle_as_long_as_the_run_is_the_cosine()
    {
        LearningRateSchedule cosine = Schedule(ScheduleKind.Cosine, 10, 110);
        var restarts = new LearningRateSchedule(
            new SchedulerOptions { Type = ScheduleKind.Restarts, WarmupSteps = 10, RestartSteps = 100 }, s_rates, 110);
        Assert.All(Enumerable.Range(0, 110), step => Assert.Equal(cosine.At(step), restarts.At(step)));
    }

    [Fact]
    public void Restarts_need_the_length_of_the_first_cycle()
    {
        var options = new SchedulerOptions { Type = ScheduleKind.Restarts };
        Assert.StartsWith("scheduler.restart_steps: missing", Assert.ThrowsAny<InvalidInputException>(options.Validate)
            .Message, StringComparison.Ordinal);
        (options with { RestartSteps = 5 }).Validate();
        Assert.ThrowsAny<InvalidInputException>((options with { RestartSteps = 0 }).Validate);
        Assert.ThrowsAny<InvalidInputException>((options with { RestartSteps = 5, RestartMultiplier = 0 }).Validate);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_whole_rate() => Assert.Equal(1e-3, Schedule(ScheduleKind.Cosine, 0, 5).At(0));

    [Fact]
    public void A_run_has_at_least_one_step() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule(ScheduleKind.Cosine, 0, 0));

    private static LearningRateSchedule Schedule(ScheduleKind kind, int warmup, int total) =>
        new(new SchedulerOptions { Type = kind, WarmupSteps = warmup }, s_rates, total);
}
