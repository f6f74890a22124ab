using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Checkpoints;
using Habla.Data;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tests.Training;
using Habla.Training;

namespace Habla.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Gpt _model = TrainingSamples.Model(dropout: 0.1);
    private readonly Trainer _trainer;

    public CheckpointTests()
    {
        _trainer = TrainingSamples.Trainer(_model, new SampleBatches(3, 4), steps: 20);
        _trainer.Step();
        _trainer.Step();
    }

    private string Last => _folder.In("last");

    private string StatePath => Path.Combine(Last, Checkpoint.StateFile);

    public void Dispose()
    {
        _trainer.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_a_linked_checkpoint_the_link_is_deleted_and_what_it_leads_to_stays(bool isThere)
    {
        string elsewhere = _folder.In("elsewhere");
        if (isThere)
        {
            Checkpoint.Save(elsewhere, _model, _trainer.Optimizer, CheckpointFolder.State(2));
        }

        Directory.CreateSymbolicLink(Last, elsewhere);
        Checkpoint.DeleteFolder(Last);
        Assert.Null(new DirectoryInfo(Last).LinkTarget);
        if (isThere)
        {
            Checkpoint.CheckComplete(elsewhere);
        }
    }

    [Fact]
    public void Weights_moments_and_state_come_back()
    {
        TrainingState state = CheckpointFolder.State(2) with { Best = new BestValidation(1, 1.5) };
        string hash = Checkpoint.Save(Last, _model, _trainer.Optimizer, state);
        Assert.Equal(ContentHash.OfFile(Path.Combine(Last, Checkpoint.WeightsFile)), hash);
        using var model = new Gpt(_model.Config);
        using var optimizer = new AdamW(model.Parameters, new OptimizerOptions());
        Assert.Equal(state, Checkpoint.Load(Last, model, optimizer));
        Assert.Equal(state, Checkpoint.ReadState(Last));
        Assert.Equal(2, optimizer.UpdateCount);
        Assert.Equal(TrainingSamples.Weights(_model), TrainingSamples.Weights(model));
        Assert.Equal(
            TrainingSamples.Numbers(_trainer.Optimizer.FirstMoments), TrainingSamples.Numbers(optimizer.FirstMoments));
        Assert.Equal(
            TrainingSamples.Numbers(_trainer.Optimizer.SecondMoments), TrainingSamples.Numbers(optimizer.SecondMoments));
        Assert.Contains(TrainingSamples.Numbers(optimizer.SecondMoments), value => value > 0);
    }

    [Fact]
    public void The_same_state_gives_the_same_bytes_and_nothing_else_stands_beside_it()
    {
        Save(Last);
        Save(_folder.In("again"));
        string[] names = [Checkpoint.CompleteFile, Checkpoint.OptimizerFile, Checkpoint.StateFile, Checkpoint.WeightsFile];
        Assert.Equal(names.Order(), Directory.GetFiles(Last).Select(Path.GetFileName).Order());
        Assert.All(names, name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(Last, name)), File.ReadAllBytes(Path.Combine(_folder.In("again"), name))));
        Assert.Equal(["again", "last"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void A_resumed_run_has_the_bits_of_one_that_never_stopped(int stopAt)
    {
        float[] through = Train(new SampleBatches(3, 4), TrainingSamples.Model(dropout: 0.1, seed: 5), 20, out _);

        var data = new SampleBatches(3, 4);
        using Gpt first = TrainingSamples.Model(dropout: 0.1, seed: 5);
        using Trainer before = TrainingSamples.Trainer(first, data, steps: 20);
        for (int i = 0; i < stopAt; i++)
        {
            before.Step();
        }

        Checkpoint.Save(Last, first, before.Optimizer, CheckpointFolder.State(stopAt) with
        {
            Data = new DataState(data.Position.Epoch, data.Position.BatchInEpoch),
        });

        using var second = new Gpt(first.Config);
        var dataAgain = new SampleBatches(3, 4);
        using Trainer after = TrainingSamples.Trainer(second, dataAgain, steps: 20);
        TrainingState state = Checkpoint.Load(Last, second, after.Optimizer);
        after.StepsDone = state.Step;
        dataAgain.Position = new DataPosition(state.Data.Epoch, state.Data.BatchInEpoch);
        after.Run();
        Assert.Equal(TrainingSamples.Bits(through), TrainingSamples.Bits(TrainingSamples.Weights(second)));
        Assert.Equal(20, after.Optimizer.UpdateCount);
    }

    [Theory]
    [InlineData(Checkpoint.WeightsFile)]
    [InlineData(Checkpoint.OptimizerFile)]
    [InlineData(Checkpoint.StateFile)]
    public void A_flipped_byte_or_a_missing_file_is_found(string name)
    {
        Save(Last);
        string path = Path.Combine(Last, name);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        string expected = $"{path} is missing or not the file that was saved (its SHA-256 differs); there is no whole one "
            + "beside it; start the run anew with --force";
        Assert.Equal(expected, AssertUnusable().Message);
        File.Delete(path);
        Assert.Equal(expected, AssertUnusable().Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Without_a_sound_marker_a_checkpoint_is_not_complete(string? marker)
    {
        Save(Last);
        string path = Path.Combine(Last, Checkpoint.CompleteFile);
        if (marker is null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, marker);
        }

        Assert.Contains(Last, AssertUnusable().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_is_not_there_is_named() =>
        Assert.StartsWith($"{Last} is no complete checkpoint (", AssertUnusable().Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"schema_version": 2, "step": "of another kind"}""")]
    [InlineData("""{"schema_version": "1"}""")]
    [InlineData("""{"schema_version": null}""")]
    [InlineData("""{"step": 5}""")]
    public void The_schema_version_is_checked_before_anything_else(string state)
    {
        Save(Last);
        Rewrite(state);
        Assert.Equal(
            $"{StatePath}: schema_version 1 expected; resume with the version of Habla that wrote it", AssertUnusable().Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("""{"schema_version": 1, "step": "x"}""")]
    [InlineData("""{"schema_version": 1, "step": 5}""")]
    public void A_state_that_cannot_be_read_is_told(string state)
    {
        Save(Last);
        Rewrite(state);
        string message = AssertUnusable().Message;
        Assert.StartsWith($"{StatePath}: no state of a run (", message, StringComparison.Ordinal);
        Assert.EndsWith("); use another checkpoint", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step", "-1")]
    [InlineData("optimizer_updates", "-1")]
    [InlineData("data", "null")]
    [InlineData("scheduler", "null")]
    [InlineData("data", """{"epoch": -1, "batch_in_epoch": 0}""")]
    public void Numbers_that_no_run_can_have_are_refused(string key, string value)
    {
        Save(Last);
        JsonNode state = JsonNode.Parse(File.ReadAllText(StatePath))!;
        state[key] = JsonNode.Parse(value);
        Rewrite(state.ToJsonString());
        Assert.StartsWith($"{StatePath}: ", AssertUnusable().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused()
    {
        Save(Last);
        using var wider = new Gpt(_model.Config with { FeedForwardWidth = 48 });
        using var optimizer = new AdamW(wider.Parameters, new OptimizerOptions());
        Assert.Throws<SafetensorsException>(() => Checkpoint.Load(Last, wider, optimizer));
    }

    [Fact]
    public void The_earlier_checkpoint_is_replaced_by_the_new_one_when_that_is_whole()
    {
        Save(Last);
        _trainer.Step();
        Checkpoint.Save(Last, _model, _trainer.Optimizer, CheckpointFolder.State(3));
        Assert.Equal(3, Checkpoint.ReadState(Last).Step);
        Assert.Equal(["last"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_an_interrupted_save_left_is_swept_away_by_the_next()
    {
        Directory.CreateDirectory(Last + ".partial");
        File.WriteAllText(Path.Combine(Last + ".partial", "weights.safetensors"), "half of it");
        Directory.CreateDirectory(Last + ".replaced");
        Save(Last);
        Assert.Equal(["last"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(2, Checkpoint.ReadState(Last).Step);
    }

    [Fact]
    public void A_save_that_fails_leaves_the_earlier_checkpoint_as_it_was()
    {
        Save(Last);

        // A file in the place of the folder to write into: fails for the superuser too.
        File.WriteAllText(Last + ".partial", "in the way");
        var error = Assert.Throws<InvalidInputException>(
            () => Checkpoint.Save(Last, _model, _trainer.Optimizer, CheckpointFolder.State(9)));
        Assert.StartsWith($"cannot write the checkpoint {Last}: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("the earlier checkpoint is untouched.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Checkpoint.ReadState(Last).Step);
    }

    [Fact]
    public void A_save_that_fails_at_the_last_step_leaves_the_earlier_checkpoint_as_it_was()
    {
        Save(Last);
        File.WriteAllText(Last + ".replaced", "in the way");
        Assert.Throws<InvalidInputException>(() => Checkpoint.Save(Last, _model, _trainer.Optimizer, CheckpointFolder.State(9)));
        Assert.Equal(2, Checkpoint.ReadState(Last).Step);
    }

    [Fact]
    public void A_file_where_the_checkpoint_should_be_is_not_overwritten()
    {
        File.WriteAllText(Last, "mine");
        Assert.Throws<InvalidInputException>(() => Save(Last));
        Assert.Equal("mine", File.ReadAllText(Last));
    }

    [Fact]
    public void A_path_that_ends_in_a_separator_is_the_same_folder()
    {
        Save(Last + Path.DirectorySeparatorChar);
        Save(Last + Path.DirectorySeparatorChar);
        Assert.Equal(2, Checkpoint.ReadState(Last).Step);
        Assert.Equal(["last"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private static float[] Train(SampleBatches data, Gpt model, int steps, out RecordingListener heard)
    {
        using (model)
        {
            heard = TrainingSamples.Run(model, data, steps);
            return TrainingSamples.Weights(model);
        }
    }

    private void Save(string folder) => Checkpoint.Save(folder, _model, _trainer.Optimizer, CheckpointFolder.State(2));

    /// <summary>Another state.json with a marker that vouches for it.</summary>
    private void Rewrite(string state)
    {
        File.WriteAllText(StatePath, state);
        string marker = Path.Combine(Last, Checkpoint.CompleteFile);
        var hashes = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(marker))!;
        hashes[Checkpoint.StateFile] = ContentHash.OfFile(StatePath);
        File.WriteAllText(marker, JsonSerializer.Serialize(hashes));
    }

    private InvalidInputException AssertUnusable()
    {
        using var model = new Gpt(_model.Config);
        using var optimizer = new AdamW(model.Parameters, new OptimizerOptions());
        return Assert.Throws<InvalidInputException>(() => Checkpoint.Load(Last, model, optimizer));
    }
}
