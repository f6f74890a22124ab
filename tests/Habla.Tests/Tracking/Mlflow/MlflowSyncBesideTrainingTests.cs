using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>habla runs sync and a run that is resumed at the same time, whichever comes first.</summary>
public sealed class MlflowSyncBesideTrainingTests : IDisposable
{
    private readonly MlflowServer _server = new();
    private readonly TrackedSample _sample;

    public MlflowSyncBesideTrainingTests() => _sample = new TrackedSample(_server.Uri);

    [Fact]
    public async Task A_run_that_goes_on_while_a_sync_sends_waits_and_then_sends_by_itself()
    {
        LeaveTenStepsUnsent();
        _server.Mode = MlflowServerMode.Slow;
        int before = _server.Requests.Count;
        Task<MlflowSyncReport> sync = Task.Run(_sample.Sync);
        TrackedSample.Until(() => _server.Requests.Count > before);

        using (RunLock.Take(_sample.Folder.Path))
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 5, 20);
            Assert.Contains("another process is sending", Assert.Single(_sample.Warnings), StringComparison.Ordinal);
            _server.Mode = MlflowServerMode.Fine;
            Assert.Equal((0, null), ((await sync).Left, (await sync).Problem));

            TrackedSample.Until(() => _server.Run.StepsOf("train_loss").Count() == 20); // the run has begun to send
            Assert.Contains("is being trained", Assert.Throws<InvalidInputException>(_sample.Sync).Message, StringComparison.Ordinal);
            TrackedSample.Steps(tracker, 21, 30);
            Assert.StartsWith("mlflow: run ", tracker.End(RunStatus.Finished, TrackedSample.Results), StringComparison.Ordinal);
        }

        HasEverything();
    }

    [Fact]
    public void A_sync_beside_a_run_that_does_not_send_is_refused_and_leaves_the_spool_alone()
    {
        LeaveTenStepsUnsent();
        byte[] spool = File.ReadAllBytes(_sample.Folder.MlflowSpoolFile);
        using (RunLock.Take(_sample.Folder.Path))
        {
            string message = Assert.Throws<InvalidInputException>(_sample.Sync).Message;
            Assert.Contains("another habla is at work on this run", message, StringComparison.Ordinal);
            Assert.Equal(spool, File.ReadAllBytes(_sample.Folder.MlflowSpoolFile));
            using MlflowTracker tracker = _sample.Begin();
            TrackedSample.Steps(tracker, 11, 30);
            tracker.End(RunStatus.Finished, TrackedSample.Results);
        }

        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(0, _sample.Sync().Sent);
        Assert.Equal(["RUNNING", "FINISHED"], _server.Run.Statuses);
    }

    [Fact]
    public void A_run_that_ended_while_a_sync_was_sending_leaves_its_end_for_the_next()
    {
        LeaveTenStepsUnsent();
        using var sample = new FileStream(_sample.Folder.MlflowLockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        using (MlflowTracker tracker = MlflowTracker.Begin(
            _sample.Folder, new TrackingOptions { MlflowUri = _server.Uri, MlflowExperiment = "tests" }, TrackedSample.Manifest, 10,
            _sample.Warnings.Add, TimeProvider.System, _sample.Options with { ClosingTime = TimeSpan.FromMilliseconds(50) }))
        {
            TrackedSample.Steps(tracker, 11, 30);
            Assert.StartsWith(
                "mlflow: not everything is sent yet (another process is sending this run's spool); later: habla runs sync ",
                tracker.End(RunStatus.Finished, TrackedSample.Results), StringComparison.Ordinal);
        }

        sample.Dispose();
        Assert.Equal(0, _sample.Sync().Left);
        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal("FINISHED", _server.Run.Status);
    }

    [Fact]
    public void A_run_that_is_being_sent_is_not_replaced()
    {
        LeaveTenStepsUnsent();
        RunFolder folder = RunFolder.Plan(_sample.Folder.Path, ExistingRun.Replace);
        using (new FileStream(_sample.Folder.MlflowLockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Contains("runs sync is sending", Assert.Throws<InvalidInputException>(folder.Create).Message, StringComparison.Ordinal);
            Assert.True(File.Exists(_sample.Folder.MlflowSpoolFile) && File.Exists(_sample.Folder.ManifestFile));
        }

        folder.Create();
        Assert.False(File.Exists(_sample.Folder.MlflowSpoolFile));
    }

    public void Dispose()
    {
        _sample.Dispose();
        _server.Dispose();
    }

    /// <summary>A run that was killed after ten steps, while the server was away.</summary>
    private void LeaveTenStepsUnsent()
    {
        _server.GoDown();
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 10);
            tracker.End(RunStatus.Interrupted, null);
        }

        IReadOnlyList<(MlflowEntry Entry, long End)> spool = MlflowSpool.Read(_sample.Folder.MlflowSpoolFile, 0);
        using (FileStream file = File.OpenWrite(_sample.Folder.MlflowSpoolFile))
        {
            file.SetLength(spool.Last(line => line.Entry.Kind == MlflowEntryKind.Step).End);
        }

        _sample.Warnings.Clear();
        _server.Start();
    }

    private void HasEverything()
    {
        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], _server.Run.Statuses);
        Assert.Equal(0, _sample.Sync().Sent);
        Assert.Empty(_server.Violations);
    }
}
