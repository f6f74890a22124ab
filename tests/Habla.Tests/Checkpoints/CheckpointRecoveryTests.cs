using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Tests.Training;
using Habla.Training;

namespace Habla.Tests.Checkpoints;

/// <summary>A process may die between the two renames that replace a checkpoint; the earlier one must not be lost then.</summary>
public sealed class CheckpointRecoveryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Last => Path.Combine(_folder.Path, "checkpoints", "last");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checkpoint_whose_replacement_was_cut_short_resumes_and_is_replaced_by_the_next()
    {
        (float[] weights, string hash) = TrainAndSave(steps: 3);
        Directory.Move(Last, Last + ".replaced");

        using Gpt model = TrainingSamples.Model(seed: 9);
        using Trainer trainer = NewTrainer(model, out SampleBatches data);
        using CheckpointKeeper keeper = Keeper(trainer, model, data);
        Assert.Equal(Last + ".replaced", keeper.Resume().Folder);
        Assert.Equal(3, trainer.StepsDone);
        Assert.Equal(hash, keeper.WeightsSha256);
        Assert.Equal(weights, TrainingSamples.Weights(model));

        Assert.False(Directory.Exists(Last));
        keeper.TidyUp();
        Assert.Equal(3, Checkpoint.ReadState(Last).Step);

        trainer.Step();
        Directory.Move(Last, Last + ".replaced");
        keeper.SaveLast();
        Assert.Equal(4, Checkpoint.ReadState(Last).Step);
        Assert.False(Directory.Exists(Last + ".replaced"));
    }

    [Fact]
    public void A_validation_that_is_not_a_number_is_never_the_best()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = NewTrainer(model, out SampleBatches data);
        using CheckpointKeeper keeper = Keeper(trainer, model, data);
        keeper.OnStep(Validated(1, double.NaN));
        Assert.Null(keeper.Best);
        keeper.OnStep(Validated(2, 3));
        keeper.OnStep(Validated(3, double.NaN));
        Assert.Equal(new BestValidation(2, 3), keeper.Best);
    }

    [Fact]
    public void The_newest_few_are_kept_by_step()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = NewTrainer(model, out SampleBatches data);
        using CheckpointKeeper keeper = Keeper(trainer, model, data, new CheckpointOptions { Every = 1, Keep = 2 });
        trainer.Listeners.Add(keeper);
        for (int i = 0; i < 12; i++)
        {
            trainer.Step();
        }

        keeper.WaitForSaves();
        Assert.Equal(
            ["last", "step-11", "step-12"],
            Directory.GetDirectories(Path.GetDirectoryName(Last)!).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    private (float[] Weights, string Hash) TrainAndSave(int steps)
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = NewTrainer(model, out SampleBatches data);
        using CheckpointKeeper keeper = Keeper(trainer, model, data);
        for (int i = 0; i < steps; i++)
        {
            trainer.Step();
        }

        keeper.SaveLast();
        return (TrainingSamples.Weights(model), keeper.WeightsSha256!);
    }

    private CheckpointKeeper Keeper(Trainer trainer, Gpt model, SampleBatches data, CheckpointOptions? options = null) =>
        new(Path.GetDirectoryName(Last)!, options ?? new CheckpointOptions(), new TrainingOptions(), trainer, model, data);

    private static Trainer NewTrainer(Gpt model, out SampleBatches data)
    {
        data = new SampleBatches(3, 4);
        return new Trainer(
            model, data, new TrainingOptions { BatchSize = 4 }, new OptimizerOptions(),
            new SchedulerOptions { WarmupSteps = 0, TotalSteps = 20 });
    }

    private static StepCompleted Validated(int step, double loss) => new(step, 0, 3, 1e-4, 1, 10, 100, loss);
}
