using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>Runs that were killed after the run folder said how they ended, and before MLflow was told.</summary>
public sealed class MlflowEndTests : IDisposable
{
    private readonly MlflowServer _server = new();
    private readonly TrackedSample _sample;

    public MlflowEndTests() => _sample = new TrackedSample(_server.Uri);

    [Theory]
    [InlineData(RunStatus.Finished, "FINISHED", true)]
    [InlineData(RunStatus.Interrupted, "KILLED", true)]
    [InlineData(RunStatus.Failed, "FAILED", false)]
    [InlineData(RunStatus.Running, "KILLED", false)]
    public void The_sync_tells_the_end_that_the_manifest_has(RunStatus status, string told, bool hasResults)
    {
        KillBeforeTheEnd(status);

        Assert.Equal(0, _sample.Sync().Left);
        Assert.Equal(told, _server.Run.Status);
        Assert.Equal(hasResults ? [4] : [], _server.Run.ValuesOf("final.val_ppl"));
        Assert.Equal(hasResults ? "ab" : null, _server.Run.Tags.GetValueOrDefault("habla.weights_sha256"));
        Assert.Equal(status != RunStatus.Running, _server.Run.Artifacts.ContainsKey("results.json"));
        Assert.Equal(0, _sample.Sync().Sent);
        Assert.Equal([told], _server.Run.Statuses);
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void A_resume_that_finds_all_steps_done_tells_the_end_once()
    {
        KillBeforeTheEnd(RunStatus.Finished);

        string? said = MlflowTracker.EndEarlier(_sample.Folder, TimeProvider.System, _sample.Options);
        Assert.Equal($"mlflow: run {_server.Run.Id} of tests at {_server.Uri}", said);
        Assert.Null(MlflowTracker.EndEarlier(_sample.Folder, TimeProvider.System, _sample.Options));
        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(["FINISHED"], _server.Run.Statuses);
        Assert.Single(_server.Run.StepsOf("final.val_ppl"));
    }

    [Theory]
    [InlineData(1)] // the last file is missing
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)] // all but the final numbers
    [InlineData(5)] // the whole end
    public void An_end_that_was_cut_short_is_told_in_full(int lines)
    {
        _server.GoDown();
        _sample.Train();
        TrackedSample.Manifest.Ended(RunStatus.Finished, TimeProvider.System).Write(_sample.Folder.ManifestFile);
        string[] spool = File.ReadAllLines(_sample.Folder.MlflowSpoolFile);
        File.WriteAllText(_sample.Folder.MlflowSpoolFile, string.Join('\n', spool[..^lines]) + "\n");
        _server.Start();

        Assert.Equal(0, _sample.Sync().Left);
        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(["FINISHED"], _server.Run.Statuses);
        Assert.Single(_server.Run.StepsOf("final.val_ppl"));
        Assert.Equal(["config.yaml", "manifest.json", "results.json"], _server.Run.Artifacts.Keys.Order());
    }

    [Fact]
    public void A_run_that_was_taken_for_killed_is_told_as_finished_after_all()
    {
        KillBeforeTheEnd(RunStatus.Running);
        _sample.Sync();
        TrackedSample.Manifest.Ended(RunStatus.Finished, TimeProvider.System).Write(_sample.Folder.ManifestFile);
        _sample.Sync();
        Assert.Equal(["KILLED", "FINISHED"], _server.Run.Statuses);
        Assert.Equal([4], _server.Run.ValuesOf("final.val_ppl"));
    }

    [Fact]
    public void A_run_that_is_not_tracked_has_nothing_to_tell() =>
        Assert.Null(MlflowTracker.EndEarlier(_sample.Folder, TimeProvider.System));

    public void Dispose()
    {
        _sample.Dispose();
        _server.Dispose();
    }

    /// <summary>The run folder as it is when the process is killed between its documents and the word to MLflow.</summary>
    private void KillBeforeTheEnd(RunStatus status)
    {
        _server.GoDown();
        _sample.Train();
        IReadOnlyList<(MlflowEntry Entry, long End)> spool = MlflowSpool.Read(_sample.Folder.MlflowSpoolFile, 0);
        using (FileStream file = File.OpenWrite(_sample.Folder.MlflowSpoolFile))
        {
            file.SetLength(spool.Last(line => line.Entry.Metrics?.ContainsKey("train_loss") == true).End);
        }

        if (status != RunStatus.Running)
        {
            TrackedSample.Manifest.Ended(status, TimeProvider.System).Write(_sample.Folder.ManifestFile);
        }

        _server.Start();
    }
}
