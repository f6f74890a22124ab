using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>A server that is away, slow or in trouble never stops a run, and in the end it has everything once.</summary>
public sealed class MlflowSenderTests : IDisposable
{
    private readonly MlflowServer _server = new();
    private readonly TrackedSample _sample;

    public MlflowSenderTests() => _sample = new TrackedSample(_server.Uri);

    [Fact]
    public void A_server_that_is_down_is_told_once_and_gets_everything_when_it_is_back()
    {
        _server.GoDown();
        string said;
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 20);
            TrackedSample.Until(() => { tracker.Warn(); return _sample.Warnings.Count > 0; });
            TrackedSample.Steps(tracker, 21, 25);
            _server.Start();
            TrackedSample.Steps(tracker, 26, 30);
            TrackedSample.Until(() => _server.Store.Runs is [{ Metrics.Count: > 0 }]);
            said = tracker.End(RunStatus.Finished, TrackedSample.Results);
        }

        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.StartsWith("mlflow: run ", said, StringComparison.Ordinal);
        Assert.StartsWith($"mlflow: cannot reach {_server.Uri}: ", Assert.Single(_sample.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_stays_down_leaves_everything_for_later()
    {
        _server.GoDown();
        string said = _sample.Train();

        Assert.StartsWith($"mlflow: not everything is sent yet (cannot reach {_server.Uri}", said, StringComparison.Ordinal);
        Assert.EndsWith($"later: habla runs sync {_sample.Folder.Path}", said, StringComparison.Ordinal);
        Assert.Equal(0, MlflowState.Read(_sample.Folder.MlflowFile).SentBytes);
        Assert.Equal(
            Enumerable.Range(1, 30).Select(step => (long)step),
            MlflowSpool.Read(_sample.Folder.MlflowSpoolFile, 0)
                .Where(line => line.Entry.Metrics?.ContainsKey("train_loss") == true).Select(line => line.Entry.Step!.Value));
    }

    [Theory]
    [InlineData(MlflowServerMode.Failing)]
    [InlineData(MlflowServerMode.TooManyRequests)]
    [InlineData(MlflowServerMode.FailingAfterwards)]
    [InlineData(MlflowServerMode.Slow)]
    public void Trouble_that_passes_costs_nothing_and_doubles_nothing(MlflowServerMode trouble)
    {
        using var sample = new TrackedSample(_server.Uri)
        {
            Options = _sample.Options with { RequestTimeout = TimeSpan.FromMilliseconds(trouble == MlflowServerMode.Slow ? 300 : 30_000) },
        };
        _server.Mode = trouble;
        using (MlflowTracker tracker = sample.Begin())
        {
            Meet(1, 10);
            Meet(11, 20);
            TrackedSample.Steps(tracker, 21, 30);
            tracker.End(RunStatus.Finished, TrackedSample.Results);

            // In trouble, out of it, each with steps to send.
            void Meet(int from, int to)
            {
                _server.Mode = trouble;
                int before = _server.Requests.Count;
                TrackedSample.Steps(tracker, from, to);
                TrackedSample.Until(() => _server.Requests.Count >= before + 3);
                _server.Mode = MlflowServerMode.Fine;
                TrackedSample.Until(() => _server.Store.Runs is [{ } run] && run.Metrics.Count >= 5 * to);
            }
        }

        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal("FINISHED", _server.Run.Status);
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void The_end_of_a_run_waits_no_longer_than_it_may()
    {
        using var sample = new TrackedSample(_server.Uri)
        {
            Options = _sample.Options with { ClosingTime = TimeSpan.FromMilliseconds(200) },
        };
        _server.Mode = MlflowServerMode.Slow; // and no limit for a request: only the closing time ends this
        string said = sample.Train();

        Assert.Contains("was too slow to take everything in 0.2 s", said, StringComparison.Ordinal);
        _server.Mode = MlflowServerMode.Fine;
        Assert.Equal(0, sample.Sync().Left);
        TrackedSample.HasEverythingOnce(_server.Run);
    }

    [Fact]
    public void Many_steps_go_in_few_batches_within_the_limits()
    {
        _server.GoDown();
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 3000);
            tracker.End(RunStatus.Finished, null);
        }

        _server.Start();
        MlflowSyncReport report = _sample.Sync();

        Assert.Equal((0, 0), (report.Left, report.Refused));
        Assert.Equal(Enumerable.Range(1, 3000).Select(step => (long)step), _server.Run.StepsOf("train_loss"));
        Assert.Equal(15_600, _server.Run.Metrics.Count);
        Assert.InRange(_server.Requests.Count(request => request == "POST /api/2.0/mlflow/runs/log-batch"), 16, 30);
    }

    [Fact]
    public void Settings_beyond_a_batch_and_beyond_a_body_go_in_several()
    {
        var big = new System.Text.Json.Nodes.JsonObject();
        for (int i = 0; i < 250; i++)
        {
            big[$"key_{i}"] = new string('ñ', 6000); // six bytes each in the body
        }

        using (MlflowTracker tracker = _sample.Begin(TrackedSample.Manifest with { Config = new() { ["big"] = big } }))
        {
            tracker.End(RunStatus.Finished, null);
        }

        Assert.Equal(250, _server.Run.Params.Count);
        Assert.Equal(0, MlflowState.Read(_sample.Folder.MlflowFile).Refused);
    }

    [Fact]
    public void One_refused_entry_is_told_and_left_out_and_the_rest_arrives()
    {
        _server.Store.RefusedKeys.Add("grad_norm");
        _server.Store.RefusedKeys.Add("model.dropout");
        string said = _sample.Train();

        MlflowServerRun run = _server.Run;
        Assert.Equal(30, run.StepsOf("train_loss").Count());
        Assert.Empty(run.StepsOf("grad_norm"));
        Assert.Equal("2", run.Params["model.n_layer"]);
        Assert.DoesNotContain("model.dropout", run.Params.Keys);
        Assert.Equal(31, MlflowState.Read(_sample.Folder.MlflowFile).Refused);
        Assert.Contains("Invalid name: 'grad_norm'", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_credentials_nothing_is_sent_and_the_message_says_which()
    {
        _server.Authorization = "Bearer secret";
        string said = _sample.Train();
        Assert.Contains("answered 401: You are not authenticated.; set MLFLOW_TRACKING_TOKEN", said, StringComparison.Ordinal);

        _server.Authorization = null;
        Assert.Equal(0, _sample.Sync().Left);
        TrackedSample.HasEverythingOnce(_server.Run);
    }

    [Fact]
    public void A_deleted_experiment_is_told_with_the_way_out()
    {
        _sample.Train();
        using var sample = new TrackedSample(_server.Uri);
        _server.Store.Deleted.Add("tests");
        Assert.Contains("the experiment tests has been deleted", sample.Train(), StringComparison.Ordinal);
        _server.Store.Deleted.Clear();
        Assert.Equal(0, sample.Sync().Left);
        Assert.Equal(2, _server.Store.Runs.Count);
    }

    [Fact]
    public void A_deleted_run_keeps_its_spool()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 10);
            tracker.End(RunStatus.Interrupted, null);
        }

        _server.Run.IsDeleted = true;
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 11, 30);
            Assert.Contains("has been deleted", tracker.End(RunStatus.Finished, TrackedSample.Results), StringComparison.Ordinal);
        }

        _server.Run.IsDeleted = false;
        MlflowSyncReport report = _sample.Sync();
        Assert.Equal((0, 0), (report.Left, report.Refused));
        TrackedSample.HasEverythingOnce(_server.Run);
    }

    [Theory]
    [InlineData(false, "mlflow-artifacts:/", "--no-serve-artifacts")]
    [InlineData(true, "s3://bucket/", "where only MLflow's own clients write")]
    public void A_server_that_takes_no_files_gets_everything_else(bool serves, string root, string problem)
    {
        _server.Store.ServesArtifacts = serves;
        _server.Store.ArtifactRoot = root;
        string said = _sample.Train();

        TrackedSample.HasEverythingOnce(_server.Run);
        Assert.Equal("FINISHED", _server.Run.Status);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_senders_never_serve_one_run()
    {
        using MlflowTracker first = _sample.Begin();
        using MlflowTracker second = _sample.Begin();
        Assert.Contains("another process is sending", Assert.Single(_sample.Warnings), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _sample.Dispose();
        _server.Dispose();
    }
}
