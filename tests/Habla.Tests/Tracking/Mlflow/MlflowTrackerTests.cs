using System.Text;
using Habla.Storage;
using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

public sealed class MlflowTrackerTests : IDisposable
{
    private readonly MlflowServer _server = new();
    private readonly TrackedSample _sample;

    public MlflowTrackerTests() => _sample = new TrackedSample(_server.Uri);

    [Fact]
    public void A_run_is_told_with_everything_once_and_within_the_rules()
    {
        string said = _sample.Train();

        MlflowServerRun run = _server.Run;
        TrackedSample.HasEverythingOnce(run);
        Assert.Equal(["FINISHED"], run.Statuses);
        Assert.True(run.EndTime >= run.StartTime);
        Assert.Equal("run", run.Name);
        Assert.Equal(("1", "tests"), Assert.Single(_server.Store.Experiments));
        Assert.Equal([4], run.ValuesOf("final.val_ppl"));
        Assert.Empty(_server.Violations);
        Assert.Empty(_sample.Warnings);
        Assert.Equal($"mlflow: run {run.Id} of tests at {_server.Uri}", said);
    }

    [Fact]
    public void Params_are_the_recipe_key_by_key_and_long_values_are_cut_with_a_mark()
    {
        _sample.Train();

        Dictionary<string, string> settings = _server.Run.Params;
        Assert.Equal(
            ["data.train_path", "data.val_path", "model.dropout", "model.n_layer", "tracking.mlflow.experiment"], settings.Keys.Order());
        Assert.Equal(("2", "0.1", "null"), (settings["model.n_layer"], settings["model.dropout"], settings["data.val_path"]));
        Assert.Equal(6000, settings["data.train_path"].Length);
        Assert.EndsWith("é... (cut)", settings["data.train_path"], StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_tell_where_the_run_came_from()
    {
        _sample.Train();

        Dictionary<string, string> tags = _server.Run.Tags;
        Assert.Equal("run", tags["mlflow.runName"]);
        Assert.Equal("habla train", tags["mlflow.source.name"]);
        Assert.Equal("LOCAL", tags["mlflow.source.type"]);
        Assert.Equal(TrackedSample.Manifest.GitSha, tags["mlflow.source.git.commit"]);
        Assert.Equal(Environment.UserName, tags["mlflow.user"]);
        Assert.Equal("a  train.jsonl\nb  val.jsonl", tags["habla.data_sha256"]);
        Assert.Equal("c", tags["habla.tokenizer_sha256"]);
        Assert.Equal(ContentHash.OfFile(_sample.Folder.ConfigFile), tags["habla.config_sha256"]);
        Assert.Equal("ab", tags["habla.weights_sha256"]);
        Assert.Equal("habla train --out runs/é", tags["habla.command_line"]);
        Assert.Equal(Path.GetFullPath(_sample.Folder.Path), tags["habla.folder"]);
    }

    [Fact]
    public void Files_are_sent_as_they_are_when_the_run_ends()
    {
        File.WriteAllBytes(_sample.Folder.LossCurveFile, [137, 80, 78, 71, 0, 255]);
        _sample.Train();

        var files = _server.Run.Artifacts;
        Assert.Equal(["config.yaml", "loss_curve.png", "manifest.json", "results.json"], files.Keys.Order());
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(_sample.Folder.Path, file.Key)), file.Value));
    }

    [Theory]
    [InlineData(RunStatus.Finished, "FINISHED")]
    [InlineData(RunStatus.Failed, "FAILED")]
    [InlineData(RunStatus.Interrupted, "KILLED")]
    public void The_end_is_told_in_the_words_of_mlflow(RunStatus status, string told)
    {
        _sample.Train(status);
        Assert.Equal([told], _server.Run.Statuses);
    }

    [Fact]
    public void A_run_that_is_left_without_an_end_has_failed()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 3);
        }

        Assert.Equal(["FAILED"], _server.Run.Statuses);
        Assert.Equal([1, 2, 3], _server.Run.StepsOf("train_loss"));
    }

    [Fact]
    public void What_is_no_number_is_sent_as_text_and_costs_nothing_else()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            tracker.Step(new StepMetrics(1, 0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1, 2000));
            tracker.Step(new StepMetrics(2, 0, 1, 1, 1, 1));
            tracker.End(RunStatus.Finished, null);
        }

        Assert.Empty(_server.Violations);
        Assert.Equal([double.NaN, 1], _server.Run.ValuesOf("train_loss"));
        Assert.Equal([double.PositiveInfinity, 1], _server.Run.ValuesOf("learning_rate"));
        Assert.Equal([double.NegativeInfinity, 1], _server.Run.ValuesOf("grad_norm"));
        Assert.Equal([double.PositiveInfinity], _server.Run.ValuesOf("val_ppl"));
    }

    [Fact]
    public void A_run_goes_on_as_the_same_run_and_steps_done_again_are_not_sent_again()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 17);
            tracker.End(RunStatus.Interrupted, null);
        }

        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 11, 30); // the checkpoint was of step 10
            tracker.End(RunStatus.Finished, TrackedSample.Results);
        }

        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], _server.Run.Statuses);
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void Another_store_is_told_the_whole_run()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 10);
            tracker.End(RunStatus.Interrupted, null);
        }

        using var other = new MlflowServer();
        using (MlflowTracker tracker = MlflowTracker.Begin(
            _sample.Folder, new TrackingOptions { MlflowUri = other.Uri + "/", MlflowExperiment = "moved" }, TrackedSample.Manifest,
            10, _sample.Warnings.Add, TimeProvider.System, _sample.Options))
        {
            TrackedSample.Steps(tracker, 11, 30);
            tracker.End(RunStatus.Finished, TrackedSample.Results);
        }

        TrackedSample.HasEverythingOnce(other.Run);
        Assert.Equal(5, other.Run.Params.Count);
        Assert.Equal(10, _server.Run.StepsOf("train_loss").Count());
    }

    [Fact]
    public void A_spool_that_cannot_be_written_is_told_once_and_the_run_goes_on()
    {
        Directory.CreateDirectory(_sample.Folder.MlflowSpoolFile);
        string said = _sample.Train();

        string warning = Assert.Single(_sample.Warnings);
        Assert.StartsWith("mlflow: ", warning, StringComparison.Ordinal);
        Assert.Contains("not everything is sent", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_spool_is_told_and_the_run_goes_on()
    {
        File.WriteAllText(_sample.Folder.MlflowSpoolFile, "{}\n", Encoding.UTF8);
        _sample.Train();
        Assert.Single(_sample.Warnings);
        Assert.Empty(_server.Store.Runs);
    }

    public void Dispose()
    {
        _sample.Dispose();
        _server.Dispose();
    }
}
