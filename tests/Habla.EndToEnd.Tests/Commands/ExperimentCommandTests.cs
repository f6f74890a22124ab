using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>habla experiment as a process: what it leaves, what it keeps, and what a signal or a kill does to it.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class ExperimentCommandTests(TrainedRun run)
{
    [Fact]
    public void A_grid_leaves_runs_a_table_a_picture_and_a_report_and_keeps_what_is_done()
    {
        string output = run.NewName();
        string file = Write(output, "grid: {optimizer.lr_max: [3e-4, 1e-3]}\nseeds: [42]");

        JsonElement report = run.Habla("experiment", file, "--threads", "2", "--json").Expect(0).Json;

        // The recipe's own rate and seed: the run is the one that habla train makes.
        Assert.Equal(run.Weights, report.GetProperty("runs")[0].GetProperty("weights_sha256").GetString());
        Assert.Contains("| 0.0003 | finished | 20 |", File.ReadAllText(run.In($"{output}/REPORT.md")), StringComparison.Ordinal);
        Assert.Equal("finished", run.Json($"{output}/runs/lr_max-0.001_seed-42/manifest.json").GetProperty("status").GetString());
        run.Habla("verify", $"{output}/runs/lr_max-0.001_seed-42").Expect(0);

        Directory.Delete(run.In($"{output}/runs/lr_max-0.001_seed-42"), recursive: true);
        ProcessResult again = run.Habla("experiment", file, "--json").Expect(0);
        Assert.Contains("lr_max-0.0003_seed-42: finished before, kept", again.Error, StringComparison.Ordinal);
        Assert.Contains("lr_max-0.001_seed-42: begins", again.Error, StringComparison.Ordinal);
        Assert.Equal(Hashes(report), Hashes(again.Json));
    }

    [Fact]
    public void Signals_and_kills_cost_an_experiment_no_more_than_time()
    {
        string output = run.NewName(), whole = run.NewName();
        const string Long =
            "set: {scheduler.total_steps: 1000, training.val_every: 500, checkpoint.every: 50}\ngrid: {optimizer.lr_max: [3e-4, "
                + "1e-3]}\nthreads: 1";
        string file = Write(output, Long), first = run.In($"{output}/runs/lr_max-0.0003");

        ProcessResult stopped = Signal("INT", $"{first}/train_log.jsonl", file);
        stopped.Expect(130);
        Assert.Contains("2 runs are not done; go on with the same command", stopped.Error, StringComparison.Ordinal);
        Assert.Equal("interrupted", run.Json($"{output}/runs/lr_max-0.0003/manifest.json").GetProperty("status").GetString());
        Assert.False(Directory.Exists(run.In($"{output}/runs/lr_max-0.001")));

        Assert.NotEqual(0, Signal("KILL", $"{first}/train_log.jsonl", file).ExitCode);
        JsonElement ended = run.Habla("experiment", file, "--json").Expect(0).Json;

        Assert.Equal(Hashes(run.Habla("experiment", Write(whole, Long), "--json").Expect(0).Json), Hashes(ended));
    }

    [Fact]
    public void A_run_that_diverges_is_reported_and_the_command_says_so()
    {
        string output = run.NewName();
        string file = Write(
            output,
            "set: {scheduler.total_steps: 300, optimizer.lr_min: 0}\nruns: [{name: bad, optimizer.lr_max: 10, optimizer.weight_decay: "
                + "10}]");

        run.Habla("experiment", file).Expect(1);

        Assert.Matches("- bad: training diverged at step \\d+: ", File.ReadAllText(run.In($"{output}/REPORT.md")));
        Assert.Contains("--retry", run.Habla("experiment", file).Expect(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_refused_before_anything_is_written()
    {
        string file = Write("x", "grid: {optimizer.lr_maxx: [1]}");

        run.Refuses([$"{file}:4: optimizer.lr_maxx: unknown key; did you mean lr_max?"], "experiment", file);
        run.Refuses(["no-such.yaml: there is no such file"], "experiment", "no-such.yaml");
        run.Refuses(["--parallel 0"], "experiment", file, "--parallel", "0");
        ProcessResult listed = run.Habla("experiment", Write("x", "seeds: [1, 2]"), "--dry-run").Expect(0);
        Assert.Contains("2 runs, compared by val_loss", listed.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.In("x")));
    }

    private static string?[] Hashes(JsonElement report) =>
        [.. report.GetProperty("runs").EnumerateArray().Select(row => row.GetProperty("weights_sha256").GetString())];

    private ProcessResult Signal(string signal, string onceGrown, string file) =>
        HablaProcess.Signal(run.In("."), signal, onceGrown, "experiment", file);

    private string Write(string output, string body)
    {
        string file = run.NewName() + ".yaml";
        File.WriteAllText(run.In(file), $"name: test\nconfig: small.yaml\nout: {output}\n{body}\n");
        return file;
    }
}
