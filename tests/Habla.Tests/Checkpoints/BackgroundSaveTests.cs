using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Tests.Training;
using Habla.Training;

namespace Habla.Tests.Checkpoints;

/// <summary>Saves that go on beside the loop: what they hold, whom they keep waiting, and how their failures are told.</summary>
public sealed class BackgroundSaveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Gpt _model = TrainingSamples.Model(dropout: 0.1);
    private readonly SampleBatches _data = new(3, 4);
    private readonly Trainer _trainer;

    public BackgroundSaveTests() => _trainer = TrainingSamples.Trainer(_model, _data, steps: 20);

    private string Checkpoints => _folder.In("checkpoints");

    public void Dispose()
    {
        _trainer.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_loop_goes_on_while_a_save_is_written_and_the_save_is_of_its_step()
    {
        using var mayWrite = new ManualResetEventSlim();
        using CheckpointKeeper keeper = Keeper(new CheckpointOptions { Every = 2, Keep = 5 });
        keeper.BeforeSave = mayWrite.Wait;
        _trainer.Listeners.Add(keeper);
        _trainer.Step();
        _trainer.Step();
        float[] weights = TrainingSamples.Weights(_model), moments = TrainingSamples.Numbers(_trainer.Optimizer.FirstMoments);
        _trainer.Step(); // would never come back if it waited
        Assert.False(Directory.Exists(Checkpoints));
        Assert.NotEqual(weights, TrainingSamples.Weights(_model));

        mayWrite.Set();
        keeper.WaitForSaves();
        using Gpt saved = TrainingSamples.Model(dropout: 0.1, seed: 9);
        using var optimizer = new AdamW(saved.Parameters, new OptimizerOptions());
        Assert.Equal(2, Checkpoint.Load(Path.Combine(Checkpoints, "step-2"), saved, optimizer).Step);
        Assert.Equal(weights, TrainingSamples.Weights(saved));
        Assert.Equal(moments, TrainingSamples.Numbers(optimizer.FirstMoments));
        Assert.Equal(ModelFile.HashOf(saved), keeper.WeightsSha256);
    }

    [Fact]
    public void The_last_save_is_on_disk_when_it_returns_and_is_not_written_twice()
    {
        int saves = 0;
        using CheckpointKeeper keeper = Keeper(new CheckpointOptions { Every = 2 });
        keeper.BeforeSave = () => saves++;
        _trainer.Listeners.Add(keeper);
        _trainer.Step();
        _trainer.Step();
        keeper.SaveLast();
        Assert.Equal(1, saves);
        Assert.True(keeper.IsSaved);
        Assert.Equal(2, Checkpoint.ReadState(keeper.LastFolder).Step);

        _trainer.Step();
        keeper.SaveLast();
        Assert.Equal(2, saves);
        Assert.Equal(3, Checkpoint.ReadState(keeper.LastFolder).Step);
        Assert.Equal(ModelFile.HashOf(_model), keeper.WeightsSha256);
    }

    [Fact]
    public void A_save_that_fails_is_told_at_a_later_step_or_at_the_end_and_leaves_the_one_before()
    {
        using CheckpointKeeper keeper = Keeper(new CheckpointOptions { Every = 1 });
        _trainer.Listeners.Add(keeper);
        _trainer.Step();
        keeper.WaitForSaves();
        File.WriteAllText(keeper.LastFolder + ".partial", "in the way");

        _trainer.Step();
        string message = Assert.Throws<InvalidInputException>(_trainer.Step).Message;
        Assert.StartsWith($"cannot write the checkpoint {keeper.LastFolder}: ", message, StringComparison.Ordinal);
        Assert.EndsWith("the earlier checkpoint is untouched.", message, StringComparison.Ordinal);
        Assert.Equal(1, Checkpoint.ReadState(keeper.LastFolder).Step);
        Assert.Throws<InvalidInputException>(keeper.SaveLast);

        File.Delete(keeper.LastFolder + ".partial");
        keeper.SaveLast();
        Assert.Equal(3, Checkpoint.ReadState(keeper.LastFolder).Step);
    }

    [Fact]
    public void The_best_and_the_newest_of_one_step_are_written_from_one_copy()
    {
        using CheckpointKeeper keeper = Keeper(new CheckpointOptions { Every = 1 });
        _trainer.Step();
        keeper.OnStep(new StepCompleted(1, 0, 3, 1e-4, 1, 10, 100, ValidationLoss: 2.5));
        keeper.WaitForSaves();
        Assert.Equal(new BestValidation(1, 2.5), Checkpoint.ReadState(Path.Combine(Checkpoints, "best")).Best);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Checkpoints, "best", "COMPLETE")),
            File.ReadAllBytes(Path.Combine(Checkpoints, "last", "COMPLETE")));
    }

    [Fact]
    public void Parts_of_a_run_add_their_state_and_take_it_back()
    {
        using CheckpointKeeper keeper = Keeper(new CheckpointOptions());
        var part = new CountingPart { Count = 7 };
        keeper.Parts.Add(part);
        _trainer.Step();
        keeper.SaveLast();

        var later = new CountingPart();
        using CheckpointKeeper resumed = Keeper(new CheckpointOptions());
        resumed.Parts.Add(later);
        resumed.Resume();
        Assert.Equal(7, later.Count);
    }

    /// <summary>Keeps its number where the state already has room for one.</summary>
    private sealed class CountingPart : IStatefulPart
    {
        public int Count { get; set; }

        public TrainingState AddTo(TrainingState state) => state with { Best = new BestValidation(Count, 0) };

        public void TakeFrom(TrainingState state) => Count = state.Best!.Step;
    }

    private CheckpointKeeper Keeper(CheckpointOptions options) => new(Checkpoints, options, new TrainingOptions(), _trainer, _model, _data);
}
