using Habla.Tensors;
using Habla.Training;

namespace Habla.Tests.Training;

public class TrainingOptionsTests
{
    [Theory]
    [InlineData(8, 0, 8)]
    [InlineData(12, 0, 4)]
    [InlineData(6, 0, 2)]
    [InlineData(7, 0, 1)]
    [InlineData(64, 0, 8)]
    [InlineData(12, 3, 3)]
    public void Micro_batches_are_the_largest_of_8_4_2_1_that_divides_the_batch(int batch, int asked, int expected) =>
        Assert.Equal(expected, new TrainingOptions { BatchSize = batch, MicroBatches = asked }.MicroBatchCount);

    [Fact]
    public void Micro_batches_that_do_not_divide_the_batch_name_both_keys()
    {
        var options = new TrainingOptions { BatchSize = 8, MicroBatches = 3 };
        Assert.Equal(
            "training.micro_batches: 3 does not divide training.batch_size 8; micro-batches are equally large (0 chooses a fitting number)",
            Assert.Throws<InvalidOptionException>(options.Validate).Message);
    }

    [Fact]
    public void More_micro_batches_than_a_tape_holds_are_refused_before_there_is_a_tape()
    {
        Assert.True(TrainingOptions.MicroBatchesRange.Maximum <= Tape.MostMicroBatches);
        Assert.Equal(
            "training.micro_batches: 1025 is not possible; expected a whole number from 0 to 1024",
            Assert.Throws<InvalidOptionException>(new TrainingOptions { BatchSize = 1025, MicroBatches = 1025 }.Validate).Message);
    }

    [Fact]
    public void The_defaults_are_valid()
    {
        new TrainingOptions().Validate();
        new OptimizerOptions().Validate();
        new SchedulerOptions().Validate();
        new CheckpointOptions().Validate();
    }

    [Fact]
    public void Steps_come_from_total_steps_or_from_epochs()
    {
        Assert.Equal(2000, new SchedulerOptions { TotalSteps = 2000 }.StepsFor(null, 10));
        Assert.Equal(500, new SchedulerOptions().StepsFor(50, 10));
    }

    [Fact]
    public void A_run_without_a_length_says_which_keys_give_one() =>
        Assert.Equal(
            "scheduler.total_steps: missing, and so is training.epochs; give one of them",
            Assert.Throws<InvalidOptionException>(() => new SchedulerOptions().StepsFor(null, 10)).Message);

    [Fact]
    public void A_warm_up_longer_than_the_epochs_is_refused() =>
        Assert.Equal(
            "scheduler.warmup_steps: 100 is above training.epochs 3 times 10 steps = 30; the warm-up is part of the run",
            Assert.Throws<InvalidOptionException>(() => new SchedulerOptions().StepsFor(3, 10)).Message);

    [Fact]
    public void A_learning_rate_that_would_rise_is_refused() =>
        Assert.Equal(
            "optimizer.lr_min: 0.001 is above optimizer.lr_max 0.0003; the rate falls from lr_max to lr_min",
            Assert.Throws<InvalidOptionException>(
                new OptimizerOptions { MaximumLearningRate = 3e-4, MinimumLearningRate = 1e-3 }.Validate).Message);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void No_number_that_is_not_one_gets_in(double value) =>
        Assert.Throws<InvalidOptionException>(new OptimizerOptions { ClipNorm = value }.Validate);
}
