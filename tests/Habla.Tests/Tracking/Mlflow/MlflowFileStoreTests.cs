using System.Globalization;
using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>What MLflow's own reader needs of a file store, held file by file.</summary>
public sealed class MlflowFileStoreTests : IDisposable
{
    private readonly TrackedSample _sample = new("TEMP/mlruns");

    [Fact]
    public void A_run_is_laid_out_as_mlflow_lays_it_out()
    {
        string said = _sample.Train();
        MlflowState state = MlflowState.Read(_sample.Folder.MlflowFile);

        Assert.Equal($"mlflow: run {state.RunId} of tests at {_sample.In("mlruns")}", said);
        Assert.Matches("^[0-9]{18}$", state.ExperimentId!);
        string run = Run();
        Assert.Equal(
            $"""
            artifact_location: "file://{_sample.In("mlruns")}/{state.ExperimentId}"
            creation_time: {Meta("../meta.yaml")["creation_time"]}
            experiment_id: "{state.ExperimentId}"
            last_update_time: {Meta("../meta.yaml")["creation_time"]}
            lifecycle_stage: "active"
            name: "tests"

            """, File.ReadAllText(Path.Combine(run, "../meta.yaml")));
        Assert.Equal(
            $"""
            artifact_uri: "file://{run}/artifacts"
            deleted_time: null
            end_time: {Meta()["end_time"]}
            entry_point_name: ""
            experiment_id: "{state.ExperimentId}"
            lifecycle_stage: "active"
            run_id: "{state.RunId}"
            run_name: "run"
            run_uuid: "{state.RunId}"
            source_name: ""
            source_type: 4
            source_version: ""
            start_time: {Meta()["start_time"]}
            status: 3
            tags: []
            user_id: "{Environment.UserName}"

            """, File.ReadAllText(Path.Combine(run, "meta.yaml")));
        Assert.All((string[])["start_time", "end_time"], time => Assert.True((long)Meta()[time]! > 1_700_000_000_000));
        Assert.Equal("run", File.ReadAllText(Path.Combine(run, "tags/mlflow.runName")));
        Assert.Equal("2", File.ReadAllText(Path.Combine(run, "params/model.n_layer")));
        Assert.Equal(
            File.ReadAllBytes(_sample.Folder.ManifestFile), File.ReadAllBytes(Path.Combine(run, "artifacts/manifest.json")));
        Assert.Equal(
            ["artifacts", "meta.yaml", "metrics", "params", "tags"],
            Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_metric_is_a_line_of_milliseconds_value_and_step_each()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            tracker.Step(new StepMetrics(1, 0, double.NaN, 1.5e-5, double.PositiveInfinity, 1234.5));
            TrackedSample.Steps(tracker, 2, 3);
            tracker.End(RunStatus.Finished, null);
        }

        Assert.Equal([("NaN", 1), ("2", 2), ("1.3333333333333333", 3)], Metric("train_loss"));
        Assert.Equal([("1.5E-05", 1), ("0.001", 2), ("0.001", 3)], Metric("learning_rate"));
        Assert.Equal("Infinity", Metric("grad_norm")[0].Value);
        Assert.All(Directory.EnumerateFiles(Path.Combine(Run(), "metrics")), HoldsWhatMlflowReads);
    }

    [Fact]
    public void A_run_that_goes_on_has_each_step_once_and_is_running_again()
    {
        using (MlflowTracker tracker = _sample.Begin())
        {
            TrackedSample.Steps(tracker, 1, 17);
            tracker.End(RunStatus.Interrupted, null);
        }

        Assert.Equal(5L, Meta()["status"]);
        MlflowTracker second = _sample.Begin();
        TrackedSample.Until(() => Meta() is var meta && Equals(meta["status"], 1L) && meta["end_time"] is null);
        TrackedSample.Steps(second, 11, 30);
        second.End(RunStatus.Finished, TrackedSample.Results);
        second.Dispose();

        Assert.Equal(Enumerable.Range(1, 30), Metric("train_loss").Select(line => line.Step));
        Assert.Equal(3L, Meta()["status"]);
    }

    [Fact]
    public void What_a_killed_process_left_is_mended_and_nothing_is_doubled()
    {
        _sample.Train();
        string metrics = Path.Combine(Run(), "metrics");
        string whole = File.ReadAllText(Path.Combine(metrics, "train_loss"));
        File.WriteAllText(Path.Combine(metrics, "train_loss"), whole[..^4]);
        File.WriteAllText(Path.Combine(metrics, "val_loss"), "");
        File.WriteAllText(Path.Combine(metrics, "val_ppl"), "17");
        (MlflowState.Read(_sample.Folder.MlflowFile) with { SentBytes = 0, RunId = null, ExperimentId = null, ArtifactUri = null })
            .Write(_sample.Folder.MlflowFile);

        Assert.Equal(0, _sample.Sync().Left);
        Assert.Equal(whole, File.ReadAllText(Path.Combine(metrics, "train_loss")));
        Assert.Equal([10, 20, 30], Metric("val_loss").Select(line => line.Step));
        Assert.Equal([10, 20, 30], Metric("val_ppl").Select(line => line.Step));
        Assert.All(Directory.EnumerateFiles(metrics), HoldsWhatMlflowReads);
        Assert.Single(Directory.EnumerateDirectories(Path.GetDirectoryName(Run())!));
    }

    [Fact]
    public async Task An_experiment_is_found_by_its_name_however_mlflow_wrote_it()
    {
        string meta = _sample.In("mlruns/123456789012345678/meta.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(meta)!);
        File.WriteAllText(meta, "artifact_location: file:///x\nexperiment_id: '123456789012345678'\nname: it's 'me'\n");
        Directory.CreateDirectory(_sample.In("mlruns/models"));
        using var store = new MlflowFileStore(_sample.In("mlruns"), TimeProvider.System);

        Assert.Equal("123456789012345678", await store.FindOrCreateExperiment("it's 'me'", default));
        Assert.Equal("0", await store.FindOrCreateExperiment("Default", default));
        string odd = await store.FindOrCreateExperiment("null: \"1\" # é\n", default);
        Assert.Equal(odd, await store.FindOrCreateExperiment("null: \"1\" # é\n", default));
    }

    [Fact]
    public async Task A_deleted_experiment_is_told()
    {
        string meta = _sample.In("mlruns/.trash/9/meta.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(meta)!);
        File.WriteAllText(meta, "name: tests\n");
        using var store = new MlflowFileStore(_sample.In("mlruns"), TimeProvider.System);
        MlflowException error = await Assert.ThrowsAsync<MlflowException>(() => store.FindOrCreateExperiment("tests", default));
        Assert.Contains("mlflow experiments restore --experiment-id 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_begin_at_the_same_time_share_one_experiment()
    {
        TrackedSample[] samples = [.. Enumerable.Range(0, 4).Select(_ => new TrackedSample(_sample.In("mlruns")))];
        Parallel.ForEach(samples, sample => sample.Train());

        Assert.All(samples, sample => Assert.Equal(0, sample.Sync().Left));
        Assert.Single(Directory.EnumerateDirectories(_sample.In("mlruns")));
        Assert.Equal(4, Directory.EnumerateDirectories(Directory.EnumerateDirectories(_sample.In("mlruns")).Single()).Count());
        Array.ForEach(samples, sample => sample.Dispose());
    }

    [Fact]
    public async Task A_disk_that_is_full_for_a_moment_leaves_no_half_line_and_costs_nothing()
    {
        int room = int.MaxValue;
        using var store = new MlflowFileStore(_sample.In("mlruns"), TimeProvider.System)
        {
            OpenFile = (path, mode) => new SmallDisk(path, mode, () => room),
        };
        MlflowRun run = await NewRun(store);
        await Log(store, run, 1, 2);
        foreach (int left in (int[])[0, 5, 27, 40]) // no byte, half a line, a line, a line and a half
        {
            room = left;
            MlflowException error = await Assert.ThrowsAsync<MlflowException>(() => Log(store, run, 3, 4));
            Assert.Equal(MlflowFailure.Passing, error.Failure);
            room = int.MaxValue;
            Assert.InRange((await store.LatestSteps(run, default))["train_loss"], 2, 3);
            string file = Path.Combine(_sample.In("mlruns"), run.ExperimentId, run.RunId, "metrics/train_loss");
            HoldsWhatMlflowReads(file);
            File.WriteAllLines(file, File.ReadAllLines(file)[..2]);
        }

        await Log(store, run, 3, 4);
        Assert.Equal(4, (await store.LatestSteps(run, default))["train_loss"]);
    }

    [Fact]
    public async Task What_is_told_is_on_the_disk_before_it_is_noted_as_sent()
    {
        var unflushed = new HashSet<string>();
        using var store = new MlflowFileStore(_sample.In("mlruns"), TimeProvider.System)
        {
            OpenFile = (path, mode) => new WatchedFile(path, mode, unflushed),
        };
        MlflowRun run = await NewRun(store);
        Assert.Empty(unflushed);
        await Log(store, run, 1, 2);
        Assert.Empty(unflushed);
        await Log(store, run, 3, 4);
        Assert.Empty(unflushed);
        var batch = new MlflowBatch();
        Assert.True(batch.TryAdd(new MlflowParam("p", "1")) && batch.TryAdd(new MlflowTag("t", "2")));
        await store.Log(run, batch, default);
        Assert.Empty(unflushed);
        Assert.Equal("1", File.ReadAllText(Path.Combine(_sample.In("mlruns"), run.ExperimentId, run.RunId, "params/p")));
    }

    public void Dispose() => _sample.Dispose();

    private static async Task<MlflowRun> NewRun(MlflowFileStore store) => await store.FindOrCreateRun(
        await store.FindOrCreateExperiment("tests", default), "key",
        new MlflowEntry { Kind = MlflowEntryKind.Start, Time = 1_700_000_000_000, Name = "run", Tags = new() { ["a"] = "b" } }, default);

    /// <summary>Lines of 27 bytes.</summary>
    private static Task Log(MlflowFileStore store, MlflowRun run, int from, int to)
    {
        var batch = new MlflowBatch();
        for (int step = from; step <= to; step++)
        {
            Assert.True(batch.TryAdd(new MlflowMetric("train_loss", 1.23456789, 1_700_000_000_000, step)));
        }

        return store.Log(run, batch, default);
    }

    private string Run() => MlflowState.Read(_sample.Folder.MlflowFile) is var state
        ? Path.Combine(_sample.In("mlruns"), state.ExperimentId!, state.RunId!)
        : "";

    private SortedDictionary<string, object?> Meta(string name = "meta.yaml") => MlflowYaml.Read(Path.Combine(Run(), name))!;

    private (string Value, int Step)[] Metric(string key) =>
    [
        .. File.ReadAllLines(Path.Combine(Run(), "metrics", key)).Select(line => line.Split(' '))
            .Select(parts => (parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture))),
    ];

    /// <summary>As MLflow's reader goes about it: no empty file, three fields a line, each a number in its own way.</summary>
    private static void HoldsWhatMlflowReads(string file)
    {
        string text = File.ReadAllText(file);
        Assert.NotEmpty(text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.All(text[..^1].Split('\n'), line => Assert.Matches(@"^[0-9]{13} (-?[0-9.]+(E[+-]?[0-9]+)?|NaN|-?Infinity) [0-9]+$", line));
    }

    /// <summary>A file on a disk that takes so many bytes of a write and then is full.</summary>
    private sealed class SmallDisk(string path, FileMode mode, Func<int> room) : FileStream(path, mode, FileAccess.Write, FileShare.Read, 0)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..Math.Min(buffer.Length, room())]);
            if (buffer.Length > room())
            {
                throw new IOException("No space left on device");
            }
        }
    }

    /// <summary>A file that is unflushed from a write until it is brought to the disk.</summary>
    private sealed class WatchedFile(string path, FileMode mode, HashSet<string> unflushed)
        : FileStream(path, mode, FileAccess.Write, FileShare.Read, 0)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            unflushed.Add(Name);
            base.Write(buffer);
        }

        public override void Flush(bool flushToDisk)
        {
            base.Flush(flushToDisk);
            if (flushToDisk)
            {
                unflushed.Remove(Name);
            }
        }
    }
}
