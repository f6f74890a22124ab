using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

public class LabelSmoothingTests
{
    [Fact]
    public void The_training_loss_is_smoothed_and_the_evaluation_is_not()
    {
        using Gpt model = TrainingSamples.Model();
        Batch batch = TrainingSamples.Batch(4);
        using BatchGradient plain = new(model, 2, 9, WorkerPool.Serial), smoothed = new(model, 2, 9, WorkerPool.Serial, 0.5);
        using BatchGradient most = new(model, 2, 9, WorkerPool.Serial, 0.25);
        double loss = plain.Compute(batch, 0), half = smoothed.Compute(batch, 0), quarter = most.Compute(batch, 0);
        Assert.NotEqual(loss, half, 1e-3);
        Assert.Equal((loss + half) / 2, quarter, 1e-5); // on a line between the targets' loss and the mean over all tokens
        using var evaluator = new Evaluator(model);
        Assert.Equal(loss, evaluator.Evaluate([batch]).Loss, 1e-5);
    }

    [Fact]
    public void It_learns_not_to_be_too_sure()
    {
        double plain = Train(0), smoothed = Train(0.3);
        Assert.True(plain < 0.2, $"{plain}");
        Assert.True(smoothed > plain, $"{smoothed} and {plain}");

        static double Train(double smoothing)
        {
            using Gpt model = TrainingSamples.Model();
            Batch batch = TrainingSamples.Batch(4);
            using var trainer = new Trainer(
                model, new SampleBatches(batch), new TrainingOptions { BatchSize = 4, LabelSmoothing = smoothing },
                new OptimizerOptions { MaximumLearningRate = 0.01 }, new SchedulerOptions { WarmupSteps = 0, TotalSteps = 150 });
            trainer.Run();
            using var evaluator = new Evaluator(model);
            return evaluator.Evaluate([batch]).Loss;
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    public void A_share_that_is_none_is_refused(double smoothing) => Assert.Contains(
        "training.label_smoothing",
        Assert.ThrowsAny<InvalidInputException>(new TrainingOptions { LabelSmoothing = smoothing }.Validate).Message,
            StringComparison.Ordinal);
}
