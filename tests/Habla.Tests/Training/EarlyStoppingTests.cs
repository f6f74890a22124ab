using Habla.Configuration;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Training;

namespace Habla.Tests.Training;

public class EarlyStoppingTests
{
    [Theory]
    [InlineData(2, 0, new[] { 3.0, 2, 2.5, 1.9, 2, 2, 1 }, 6)]
    [InlineData(2, 0, new[] { 3.0, 3, 3 }, 3)]
    [InlineData(1, 0, new[] { 3.0, 2, 1, 1.5 }, 4)]
    [InlineData(2, 0.5, new[] { 3.0, 2.6, 2.2, 1.9, 1.8, 1.7 }, 5)] // 2.6 is not below 3 by more than 0.5, 2.2 is
    [InlineData(3, 0.5, new[] { 3.0, 2.5, 2.5, 2.5 }, 4)] // by exactly 0.5 is no progress
    [InlineData(2, 0, new[] { double.NaN, double.PositiveInfinity }, 2)]
    [InlineData(2, 0, new[] { double.NaN, 3, 4, double.NaN }, 4)]
    [InlineData(0, 0, new[] { 1.0, 2, 3, 4, 5 }, 0)]
    [InlineData(9, 0, new[] { 1.0, 2, 3, 4, 5 }, 0)]
    public void Stops_after_so_many_evaluations_without_progress(int patience, double minimumDelta, double[] losses, int stopsAfter)
    {
        var stopping = new EarlyStopping(patience, minimumDelta);
        int seen = 0;
        foreach (double loss in losses.TakeWhile(_ => !stopping.HasStopped))
        {
            stopping.Observe(loss);
            seen++;
        }

        Assert.Equal(stopsAfter > 0, stopping.HasStopped);
        Assert.Equal(stopsAfter > 0 ? stopsAfter : losses.Length, seen);
    }

    [Fact]
    public void The_loop_ends_at_that_evaluation_and_not_between_two()
    {
        using Gpt model = TrainingSamples.Model();
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4, ValidateEvery = 3, EarlyStoppingPatience = 2 },
            new OptimizerOptions(), new SchedulerOptions { WarmupSteps = 0, TotalSteps = 100 });
        var losses = new Queue<double>([3, 2, 2.5, 2.1, 1]);
        trainer.Validate = () => new EvaluationResult(losses.Dequeue(), 1, 0.25);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        Assert.Equal((12, true), (trainer.StepsDone, trainer.IsDone));
        Assert.Equal([0.25, 0.25, 0.25, 0.25], heard.Steps.Select(step => step.ValidationAccuracy).OfType<double>());
        trainer.Run();
        Assert.Equal(12, heard.Steps.Count);
    }

    [Fact]
    public void Without_validation_data_or_the_best_checkpoint_it_is_refused()
    {
        var recipe = new Recipe
        {
            Data = new() { TrainPath = "a.jsonl", ValidationPath = "b.jsonl" }, Scheduler = new() { TotalSteps = 9, WarmupSteps = 0 },
            Training = new() { EarlyStoppingPatience = 3 },
        };
        recipe.Validate();
        Assert.StartsWith("training.early_stopping.patience: 3 evaluations, but there is no validation data", MessageOf(recipe with
        {
            Data = new() { TrainPath = "a.jsonl" },
        }), StringComparison.Ordinal);
        Assert.StartsWith(
            "checkpoint.best: false", MessageOf(recipe with { Checkpoint = new() { Best = false } }), StringComparison.Ordinal);

        static string MessageOf(Recipe recipe) => Assert.ThrowsAny<InvalidInputException>(recipe.Validate).Message;
    }
}
