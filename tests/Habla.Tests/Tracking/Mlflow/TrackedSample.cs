using System.Text.Json.Nodes;
using Habla.Storage;
using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>A run folder with what a tracker needs of it, and a tracker that has no patience to lose.</summary>
internal sealed class TrackedSample : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly string _uri;

    public TrackedSample(string uri)
    {
        _uri = uri.Replace("TEMP", _temporary.Path, StringComparison.Ordinal);
        Manifest.Write(_temporary.In("run/manifest.json"));
        AtomicFile.WriteText(_temporary.In("run/config.yaml"), "model:\n  n_layer: 2\n");
        Folder = RunFolder.Open(_temporary.In("run"));
    }

    public RunFolder Folder { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>Short waits; a server that does not answer is given up soon.</summary>
    public MlflowOptions Options { get; init; } = new()
    {
        Interval = TimeSpan.FromMilliseconds(5),
        FirstDelay = TimeSpan.FromMilliseconds(5),
        MostDelay = TimeSpan.FromMilliseconds(50),
    };

    public static TrainingResults Results =>
        TrainingResultsTests.Example with { ValidationPerplexity = 4, Steps = 30, WeightsSha256 = "ab" };

    public static Manifest Manifest => ManifestTests.Example with
    {
        GitSha = "0123456789012345678901234567890123456789",
        Config = new JsonObject
        {
            ["model"] = new JsonObject { ["n_layer"] = 2, ["dropout"] = 0.1 },
            ["data"] = new JsonObject { ["val_path"] = null, ["train_path"] = new string('é', 7000) },
            ["tracking"] = new JsonObject { ["mlflow"] = new JsonObject { ["experiment"] = "tests" } },
        },
    };

    public string In(string name) => _temporary.In(name);

    public MlflowTracker Begin(Manifest? manifest = null) => MlflowTracker.Begin(
        Folder, new TrackingOptions { MlflowUri = _uri, MlflowExperiment = "tests" }, manifest ?? Manifest, afterStep: 0, Warnings.Add,
        TimeProvider.System, Options);

    /// <summary>Steps with numbers that follow from the step; every tenth is validated.</summary>
    public static void Steps(MlflowTracker tracker, int from, int to)
    {
        for (int step = from; step <= to; step++)
        {
            tracker.Step(new StepMetrics(step, 0, 4.0 / step, 1e-3, 0.5, 1000 + step, step % 10 == 0 ? 5.0 / step : null));
        }
    }

    /// <summary>A whole run of 30 steps.</summary>
    public string Train(RunStatus status = RunStatus.Finished)
    {
        using MlflowTracker tracker = Begin();
        Steps(tracker, 1, 30);
        Results.Write(Folder.ResultsFile);
        return tracker.End(status, Results);
    }

    public MlflowSyncReport Sync() => MlflowSync.Run(Folder.Path, Options, TimeProvider.System);

    /// <summary>Waits for something that comes about in the background.</summary>
    public static void Until(Func<bool> fulfilled)
    {
        Assert.True(SpinWait.SpinUntil(fulfilled, TimeSpan.FromSeconds(60)), "it did not come about");
    }

    /// <summary>The server has each metric of 30 steps once, with its value.</summary>
    public static void HasEverythingOnce(MlflowServerRun run)
    {
        Assert.Equal(Enumerable.Range(1, 30).Select(step => (long)step), run.StepsOf("train_loss"));
        Assert.Equal(Enumerable.Range(1, 30).Select(step => 4.0 / step), run.ValuesOf("train_loss"));
        Assert.Equal([10, 20, 30], run.StepsOf("val_loss"));
        Assert.Equal((double[])[5.0 / 10, 5.0 / 20, 5.0 / 30], run.ValuesOf("val_loss"));
        Assert.Equal(run.Metrics.Count, run.Metrics.DistinctBy(metric => (metric.Key, metric.Step)).Count());
        Assert.All(
            (string[])["epoch", "grad_norm", "learning_rate", "tokens_per_s"], key => Assert.Equal(30, run.StepsOf(key).Count()));
    }

    public void Dispose() => _temporary.Dispose();
}
