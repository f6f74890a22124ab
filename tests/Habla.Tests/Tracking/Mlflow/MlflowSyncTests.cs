using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

public sealed class MlflowSyncTests : IDisposable
{
    private readonly MlflowServer _server = new();
    private readonly TrackedSample _sample;

    public MlflowSyncTests() => _sample = new TrackedSample(_server.Uri);

    [Fact]
    public void What_is_left_is_sent_once_however_often_it_is_asked_for()
    {
        _server.GoDown();
        _sample.Train();
        MlflowSyncReport down = _sample.Sync();
        _server.Start();
        MlflowSyncReport first = _sample.Sync(), second = _sample.Sync();

        Assert.Equal((0, down.Left, null), (down.Sent, first.Sent, down.RunId));
        Assert.StartsWith($"cannot reach {_server.Uri}", down.Problem, StringComparison.Ordinal);
        Assert.Equal(new MlflowSyncReport(_sample.Folder.Path, _server.Uri, "tests", _server.Run.Id, first.Sent, 0, 0, null), first);
        Assert.Equal(first with { Sent = 0 }, second);
        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(["FINISHED"], _server.Run.Statuses);
        Assert.Equal(["config.yaml", "manifest.json", "results.json"], _server.Run.Artifacts.Keys.Order());
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void A_place_in_the_spool_that_was_not_noted_doubles_nothing()
    {
        _sample.Train();
        MlflowState state = MlflowState.Read(_sample.Folder.MlflowFile);
        foreach (long sent in MlflowSpool.Read(_sample.Folder.MlflowSpoolFile, 0).Select(line => line.End).SkipLast(1).Prepend(0))
        {
            (state with { SentBytes = sent }).Write(_sample.Folder.MlflowFile);
            Assert.Equal(0, _sample.Sync().Left);
        }

        (state with { SentBytes = 0, RunId = null, ExperimentId = null, ArtifactUri = null }).Write(_sample.Folder.MlflowFile);
        Assert.Equal(_server.Run.Id, _sample.Sync().RunId);
        TrackedSample.HasEverythingOnce(_server.Run);
    }

    [Fact]
    public void A_killed_run_is_told_as_killed_at_its_last_sign_and_can_still_go_on()
    {
        using (MlflowSpool spool = MlflowSpool.Open(_sample.Folder.MlflowSpoolFile, 0))
        {
            MlflowState.For(_sample.Folder.MlflowFile, _server.Uri, "tests").Write(_sample.Folder.MlflowFile);
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.Start, Time = 1_700_000_000_000, Name = "run" });
            spool.Append(new MlflowEntry
            {
                Kind = MlflowEntryKind.Step, Time = 1_700_000_009_000, Step = 1, Metrics = new() { ["train_loss"] = 4 },
            });
        }

        File.AppendAllText(_sample.Folder.MlflowSpoolFile, "{\"kind\":\"st");
        Assert.Equal((3, 0), (_sample.Sync().Sent, _sample.Sync().Sent));
        Assert.Equal(("KILLED", 1_700_000_009_000), (_server.Run.Status, _server.Run.EndTime));

        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 3);
            tracker.End(RunStatus.Finished, null);
        }

        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], _server.Run.Statuses);
        Assert.Equal([1, 2, 3], _server.Run.StepsOf("train_loss"));
    }

    [Fact]
    public void A_run_that_was_not_tracked_or_is_being_trained_is_refused()
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => _sample.Sync());
        Assert.Contains("not tracked with MLflow; train with --set tracking.mlflow.uri=", error.Message, StringComparison.Ordinal);

        using MlflowTracker tracker = _sample.Begin();
        error = Assert.Throws<InvalidInputException>(() => _sample.Sync());
        Assert.Contains("is being trained", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(MlflowSpool.Read(_sample.Folder.MlflowSpoolFile, 0), line => line.Entry.Kind == MlflowEntryKind.End);
    }

    [Fact]
    public void A_folder_without_a_run_is_refused() =>
        Assert.Throws<InvalidInputException>(() => MlflowSync.Run(_sample.In("nothing")));

    [Fact]
    public void A_damaged_spool_or_state_is_refused_by_name()
    {
        _sample.Train();
        File.AppendAllText(_sample.Folder.MlflowSpoolFile, "[]\n");
        Refuses(_sample.Folder.MlflowSpoolFile);
        File.WriteAllText(_sample.Folder.MlflowFile, "{}");
        Refuses(_sample.Folder.MlflowFile);

        void Refuses(string file) =>
            Assert.Contains(file, Assert.Throws<InvalidInputException>(_sample.Sync).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _sample.Dispose();
        _server.Dispose();
    }
}
