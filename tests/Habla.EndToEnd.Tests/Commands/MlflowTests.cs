using System.Globalization;
using System.Text.Json;
using Habla.Tests.Tracking.Mlflow;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>Runs of the real program that are told to MLflow, and habla runs sync.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class MlflowTests(TrainedRun run) : IDisposable
{
    private readonly MlflowServer _server = new();

    private string[] Tracking => ["--set", $"tracking.mlflow.uri={_server.Uri}", "--set", "tracking.mlflow.experiment=e2e"];

    [Fact]
    public void A_run_is_told_to_a_server_and_has_the_weights_of_one_that_is_not()
    {
        string output = run.NewName();
        ProcessResult trained = run.Train(output, [.. Tracking, "--json"]).Expect(0);

        Assert.Equal(run.Weights, trained.Json.GetProperty("weights_sha256").GetString());
        HasTheLogOnce(output);
        MlflowServerRun told = _server.Run;
        Assert.Equal((output, "FINISHED"), (told.Name, told.Status));
        Assert.Contains($"mlflow: run {told.Id} of e2e at {_server.Uri}\n", trained.Error, StringComparison.Ordinal);
        Assert.Equal("42", told.Params["training.rng_seed"]);
        Assert.Equal(run.Weights, told.Tags["habla.weights_sha256"]);
        Assert.Equal(Sha256.OfFile(run.In("corpus/verbs_4/train.jsonl")), told.Tags["habla.data_sha256"].Split(' ')[0]);
        Assert.All(
            (string[])["manifest.json", "config.yaml", "tokenizer.json", "results.json", "README.md"],
            file => Assert.Equal(File.ReadAllBytes(run.In($"{output}/{file}")), told.Artifacts[file]));
        Assert.Equal(told.Id, run.Json($"{output}/mlflow.json").GetProperty("run_id").GetString());
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void A_run_whose_server_is_away_is_done_as_ever_and_sent_later_once()
    {
        string output = run.NewName();
        _server.GoDown();
        ProcessResult trained = run.Train(output, [.. Tracking, "--json"]).Expect(0);
        Assert.Equal(run.Weights, trained.Json.GetProperty("weights_sha256").GetString());
        Assert.Contains($"later: habla runs sync {output}\n", trained.Error, StringComparison.Ordinal);
        Assert.InRange(trained.Error.Split("cannot reach").Length - 1, 1, 2); // a warning at most, and the line at the end
        Assert.Contains("left: e2e at", run.Habla("runs", "sync", output).Expect(1).Error, StringComparison.Ordinal);

        _server.Start();
        JsonElement report = run.Habla("runs", "sync", output, "--json").Expect(0).Json.GetProperty("runs")[0];
        Assert.Equal((0, 0), (report.GetProperty("left").GetInt32(), report.GetProperty("refused").GetInt32()));
        Assert.Equal(_server.Run.Id, report.GetProperty("run_id").GetString());
        HasTheLogOnce(output);

        int metrics = _server.Run.Metrics.Count;
        Assert.Contains($"{output}: 0 entries sent, 0 left", run.Habla("runs", "sync", output).Expect(0).Error, StringComparison.Ordinal);
        Assert.Equal((metrics, "FINISHED"), (_server.Run.Metrics.Count, _server.Run.Status));
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void A_run_that_is_interrupted_goes_on_as_the_same_run()
    {
        string output = run.NewName();
        string[] longer = [.. Tracking, "--set", "scheduler.total_steps=2000", "--set", "training.val_every=500", "--threads", "1"];
        run.Interrupt("INT", output, longer).Expect(130);
        Assert.Equal("KILLED", _server.Run.Status);
        string param = _server.Run.Params["training.log_every"];
        run.Train(output, [.. longer, "--resume", "--allow-change", "training.log_every", "--set", "training.log_every=77"]).Expect(0);

        HasTheLogOnce(output);
        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], _server.Run.Statuses);
        Assert.NotEqual("77", param);
        Assert.Equal(param, _server.Run.Params["training.log_every"]); // those of the start
    }

    [Fact]
    public void A_run_may_begin_to_be_tracked_when_it_is_resumed()
    {
        string output = run.NewName();
        string[] longer = ["--set", "scheduler.total_steps=2000", "--set", "training.val_every=500", "--threads", "1"];
        run.Interrupt("INT", output, longer).Expect(130);
        int before = run.Log(output).Length;
        string[] resume = [.. longer, .. Tracking, "--set", "tracking.tensorboard=true", "--resume"];
        Assert.Contains("--allow-change tracking.mlflow.uri", run.Train(output, resume).Expect(2).Error, StringComparison.Ordinal);
        run.Train(
            output,
            [.. resume, "--allow-change", "tracking.mlflow.uri", "--allow-change", "tracking.mlflow.experiment", "--allow-change",
                "tracking.tensorboard"])
            .Expect(0);

        MlflowServerRun told = _server.Run;
        JsonElement[] after = run.Log(output)[before..];
        Assert.Equal(after.Select(step => step.GetProperty("step").GetInt64()), told.StepsOf("train_loss"));
        Assert.Equal(after.Select(step => step.GetProperty("loss").GetDouble()), told.ValuesOf("train_loss"));
        Assert.Equal((output, "FINISHED"), (told.Name, told.Status));
        Assert.Equal(("2000", _server.Uri), (told.Params["scheduler.total_steps"], told.Params["tracking.mlflow.uri"]));
        Assert.Equal(run.Json($"{output}/manifest.json").GetProperty("weights_sha256").GetString(), told.Tags["habla.weights_sha256"]);
        Assert.Equal(File.ReadAllBytes(run.In($"{output}/training_metrics.json")), told.Artifacts["training_metrics.json"]);
        Assert.Single(Directory.GetFiles(run.In($"{output}/tensorboard")));
        Assert.Equal(
            ["tracking.tensorboard", "tracking.mlflow.uri", "tracking.mlflow.experiment"],
            run.Json($"{output}/manifest.json").GetProperty("changes").EnumerateArray()
                .Select(change => change.GetProperty("key").GetString()!));
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public void A_run_that_is_killed_is_sent_and_goes_on_from_its_checkpoint_with_each_metric_once()
    {
        string output = run.NewName();
        string[] longer =
        [
            .. Tracking, "--set", "scheduler.total_steps=2000", "--set", "training.val_every=500", "--set", "checkpoint.every=7",
            "--threads", "1",
        ];
        _server.Mode = MlflowServerMode.Failing;
        HablaProcess.While(
            run.In("."),
            process =>
            {
                while (!process.HasExited && !Directory.Exists(run.In($"{output}/checkpoints/last")))
                {
                    Thread.Sleep(1);
                }

                process.Kill();
            },
            ["train", "--config", "small.yaml", "--out", output, "--no-baseline", .. longer]).Expect(137);
        _server.Mode = MlflowServerMode.Fine;
        run.Habla("runs", "sync", output).Expect(0);
        Assert.Equal("KILLED", _server.Run.Status);

        run.Train(output, [.. longer, "--resume"]).Expect(0);
        HasTheLogOnce(output);
        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], _server.Run.Statuses);
    }

    [Fact]
    public void A_run_that_is_killed_between_its_end_and_the_word_of_it_tells_it_when_it_is_resumed()
    {
        string output = run.NewName();
        _server.GoDown();
        run.Train(output, Tracking).Expect(0);
        string spool = run.In($"{output}/mlflow_spool.jsonl");
        string[] lines = File.ReadAllLines(spool);
        int last = Array.FindLastIndex(lines, line => line.Contains("\"train_loss\"", StringComparison.Ordinal));
        File.WriteAllLines(spool, lines[..(last + 1)]);
        _server.Start();

        ProcessResult resumed = run.Train(output, [.. Tracking, "--resume"]).Expect(0);
        Assert.Contains("all steps were done already", resumed.Error, StringComparison.Ordinal);
        Assert.Contains($"mlflow: run {_server.Run.Id} of e2e at {_server.Uri}\n", resumed.Error, StringComparison.Ordinal);
        HasTheLogOnce(output);
        Assert.Equal(["FINISHED"], _server.Run.Statuses);
        Assert.Equal(
            run.Json($"{output}/results.json").GetProperty("val_ppl").GetDouble(), Assert.Single(_server.Run.ValuesOf("final.val_ppl")));
        Assert.Equal(run.Weights, _server.Run.Tags["habla.weights_sha256"]);
        Assert.Contains("README.md", _server.Run.Artifacts.Keys);
        Assert.DoesNotContain("mlflow: ", run.Train(output, [.. Tracking, "--resume"]).Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_server_is_kept_in_a_folder_as_mlflow_keeps_it()
    {
        string output = run.NewName(), store = run.NewName();
        run.Train(output, "--set", $"tracking.mlflow.uri={store}").Expect(0);

        JsonElement state = run.Json($"{output}/mlflow.json");
        string folder = run.In($"{store}/{state.GetProperty("experiment_id").GetString()}/{state.GetProperty("run_id").GetString()}");
        Assert.Equal(
            run.Log(output).Select(step => step.GetProperty("loss").GetDouble()),
            File.ReadAllLines(Path.Combine(folder, "metrics/train_loss"))
                .Select(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));
        Assert.Contains("status: 3\n", File.ReadAllText(Path.Combine(folder, "meta.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_sent_is_refused()
    {
        run.Refuses(["run: this run was not tracked with MLflow"], "runs", "sync", "run");
        run.Refuses(["nowhere", "no run here"], "runs", "sync", "nowhere");
        run.Refuses(["RUN is empty"], "runs", "sync", "");
        run.Refuses(
            ["tracking.mlflow.uri", "sqlite: is no store"],
            "train", "--config", "small.yaml", "--out", "never", "--set", "tracking.mlflow.uri=sqlite:///mlflow.db");
    }

    public void Dispose() => _server.Dispose();

    /// <summary>The server has every step of the log once, with its numbers.</summary>
    private void HasTheLogOnce(string output)
    {
        JsonElement[] log = run.Log(output);
        MlflowServerRun told = _server.Run;
        Assert.Equal(log.Select(step => step.GetProperty("step").GetInt64()), told.StepsOf("train_loss"));
        Assert.Equal(log.Select(step => step.GetProperty("loss").GetDouble()), told.ValuesOf("train_loss"));
        Assert.Equal(
            log.Where(step => step.TryGetProperty("val_loss", out _)).Select(step => step.GetProperty("val_loss").GetDouble()),
            told.ValuesOf("val_loss"));
        Assert.Equal(told.Metrics.Count, told.Metrics.DistinctBy(metric => (metric.Key, metric.Step)).Count());
    }
}
