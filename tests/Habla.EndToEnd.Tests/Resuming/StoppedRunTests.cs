using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Tests.Plotting;

namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>Runs that are asked to stop, that somebody else wants too, or whose checkpoints have changed.</summary>
public sealed class StoppedRunTests(TinyRun run) : IClassFixture<TinyRun>
{
    [GnuplotFact]
    public void Signals_finish_the_step_save_draw_and_exit_130()
    {
        string output = run.NewName();
        int before = 0;
        foreach (string signal in (string[])["INT", "TERM"])
        {
            Array.ForEach(Pictures(output), File.Delete);

            run.Signal(signal, output, [.. TinyRun.Endless, .. before > 0 ? (string[])["--resume"] : []]).Expect(130);

            Assert.Equal("interrupted", run.Json($"{output}/manifest.json").GetProperty("status").GetString());
            int steps = run.Json($"{output}/checkpoints/last/state.json").GetProperty("step").GetInt32();
            Assert.True(steps > before);
            Assert.Equal(steps, run.LogLines(output));
            Assert.Contains(steps, run.CompleteSteps(output));
            Assert.Equal(
                ["grad_norm.png", "loss_by_epoch.png", "loss_curve.png", "training_curve.png"],
                Pictures(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            before = steps;
        }
    }

    [Fact]
    public void A_second_process_is_refused_and_the_first_goes_on()
    {
        string output = run.NewName();
        List<ProcessResult> refused = [];
        int first = 0;
        ProcessResult ended = run.TrainWhile(
            process =>
            {
                first = process.Id;
                TinyRun.Until(process, () => run.LogLines(output) > 0);
                refused.AddRange([run.Train(output, "--resume"), run.Train(output, "--force"), run.Train(output)]);
                SystemCommand.Run("sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {first}"));
            },
            output, TinyRun.Endless);

        ended.Expect(130);
        Assert.All(refused, answer => Assert.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"habla: {output}: another habla is at work on this run (process {first} on "),
            answer.Expect(2).Error, StringComparison.Ordinal));
        Assert.Equal(run.Json($"{output}/checkpoints/last/state.json").GetProperty("step").GetInt32(), run.LogLines(output));
    }

    [Fact]
    public void Of_three_processes_at_one_new_folder_one_trains_and_the_others_have_bad_input()
    {
        string output = run.NewName();
        var results = new ProcessResult[3];
        Thread[] racers = [.. results.Select((_, at) => new Thread(() => results[at] = run.Train(output)))];
        Array.ForEach(racers, racer => racer.Start());
        Array.ForEach(racers, racer => racer.Join());

        Assert.Equal([0, 2, 2], results.Select(result => result.ExitCode).Order());
        run.AssertLikeWhole(output);
    }

    [Fact]
    public void A_checkpoint_with_flipped_bytes_is_refused_and_the_one_before_it_used()
    {
        string output = run.NewName();
        string[] keep = ["--set", "checkpoint.keep=3"];
        run.KillAfter(8, output, keep);
        string checkpoints = run.In($"{output}/checkpoints");
        int[] steps = [.. Directory.GetDirectories(checkpoints, "step-*").Select(StepOf).Order()];
        string[] newest = [.. Directory.GetDirectories(checkpoints).Where(folder => StateStep(folder) > steps[0])];
        Assert.NotEmpty(newest);
        Assert.All(newest, folder => Flip(Path.Combine(folder, "weights.safetensors")));

        ProcessResult resumed = run.Train(output, [.. keep, "--resume"]).Expect(0);

        Assert.Contains($"skipped a checkpoint: {output}/checkpoints/last/weights.safetensors is missing or not the file that was saved "
            + "(its SHA-256 differs)", resumed.Error, StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"going on after step {steps[0]} from "), resumed.Error, StringComparison.Ordinal);
        run.AssertLikeWhole(output);
    }

    [Fact]
    public void Another_tokenizer_is_refused_and_the_evidence_left_as_it_is()
    {
        string output = run.NewName();
        run.KillAfter(3, output);
        string path = run.In($"{output}/tokenizer.json"), original = File.ReadAllText(path);
        string before = Sha256.OfFile(path);
        JsonNode tokenizer = JsonNode.Parse(original)!;
        JsonObject vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        int a = vocabulary["a"]!.GetValue<int>(), b = vocabulary["b"]!.GetValue<int>();
        (vocabulary["a"], vocabulary["b"]) = (b, a);
        File.WriteAllText(path, tokenizer.ToJsonString());
        string manifest = File.ReadAllText(run.In($"{output}/manifest.json"));

        string refused = run.Train(output, "--resume").Expect(2).Error;

        Assert.Matches($"tokenizer.json has changed since the run began: its SHA-256 is [0-9a-f]{{64}}, .*{before}; put", refused);
        Assert.Equal(manifest, File.ReadAllText(run.In($"{output}/manifest.json")));
        File.WriteAllText(path, original);
        run.Train(output, "--resume").Expect(0);
        run.AssertLikeWhole(output);
    }

    [Fact]
    public void What_changes_no_weight_may_change_when_it_is_said()
    {
        string output = run.NewName();
        run.KillAfter(3, output);
        string[] other = ["--set", "training.log_every=5", "--set", "checkpoint.every=20", "--set", "optimizer.lr_max=0.02"];

        string error = run.Train(output, [.. other, "--resume"]).Expect(2).Error;
        Assert.Contains(
            "optimizer.lr_max: 0.01 → 0.02; training.log_every: 40 → 5; checkpoint.every: 1 → 20", error, StringComparison.Ordinal);
        Assert.Contains("--allow-change training.log_every --allow-change checkpoint.every.", error, StringComparison.Ordinal);
        foreach ((string key, string why) in ((string, string)[])[("optimizer.lr_max", "other weights"),
            ("scheduler.total_steps", "constant"), ("training.log_evry", "did you mean training.log_every?")])
        {
            string refused = run.Train(output, [.. other, "--resume", "--allow-change", key]).Expect(2).Error;
            Assert.Contains($"--allow-change {key}: ", refused, StringComparison.Ordinal);
            Assert.Contains(why, refused, StringComparison.Ordinal);
        }

        Assert.Contains(
            "--resume", run.Train(run.NewName(), "--allow-change", "checkpoint.every").Expect(2).Error, StringComparison.Ordinal);

        string[] allowed = ["--resume", "--allow-change", "training.log_every", "--allow-change", "checkpoint.every"];
        run.Train(output, [.. other[..4], .. allowed]).Expect(0);
        run.AssertLikeWhole(output);
        Assert.Equal(
            ["training.log_every: 40 → 5", "checkpoint.every: 1 → 20"],
            run.Json($"{output}/manifest.json").GetProperty("changes").EnumerateArray()
                .Select(change => $"{change.GetProperty("key")}: {change.GetProperty("before")} → {change.GetProperty("after")}"));
    }

    [Fact]
    public void At_a_constant_rate_a_run_may_become_longer()
    {
        string output = run.NewName(), whole = run.NewName();
        string[] constant = ["--set", "scheduler.type=constant", "--set", "training.val_every=10"];
        run.Train(whole, [.. constant, "--set", "scheduler.total_steps=30"]).Expect(0);
        run.Train(output, [.. constant, "--set", "scheduler.total_steps=20"]).Expect(0);

        Assert.Contains("20 steps are done", run.Train(
            output, [.. constant, "--resume", "--allow-change", "scheduler.total_steps", "--set", "scheduler.total_steps=10"]).Expect(2)
                .Error, StringComparison.Ordinal);
        run.Train(output, [.. constant, "--resume", "--allow-change", "scheduler.total_steps", "--set", "scheduler.total_steps=30"])
            .Expect(0);

        Assert.Equal(Sha256.OfFile(run.In($"{whole}/checkpoints/last/weights.safetensors")),
            Sha256.OfFile(run.In($"{output}/checkpoints/last/weights.safetensors")));
        Assert.Equal(
            File.ReadAllText(run.In($"{whole}/training_metrics.json")), File.ReadAllText(run.In($"{output}/training_metrics.json")));
    }

    [Fact]
    public void A_run_that_was_validated_elsewhere_after_a_resume_can_still_be_verified()
    {
        string output = run.NewName();
        run.KillAfter(10, output);
        run.Train(output, "--resume", "--allow-change", "training.val_every", "--set", "training.val_every=5").Expect(0);

        Assert.True(HablaProcess.RunIn(run.Folder, "verify", output, "--json").Expect(0).Json.GetProperty("reproduced").GetBoolean());
    }

    [Fact]
    public void A_run_in_fp16_goes_on_with_its_loss_scale_and_is_reproduced()
    {
        // Weights so large that the first scales are too: a run that forgot its scale would skip other steps.
        string output = run.NewName(), whole = run.NewName();
        string[] half = ["--set", "training.precision=fp16", "--set", "model.init_std=2"];
        run.Train(whole, half).Expect(0);
        run.KillAfter(15, output, half);
        JsonElement before = LossScale(output);
        run.Train(output, [.. half, "--resume"]).Expect(0);

        Assert.InRange(before.GetProperty("skipped_steps").GetInt32(), 1, 14);
        Assert.True(before.GetProperty("scale").GetDouble() < 65536);
        run.AssertLikeWhole(output, whole);
        Assert.Equal(TinyRun.Steps, run.LogLines(output));
        Assert.InRange(LossScale(output).GetProperty("good_steps").GetInt32(), TinyRun.Steps - 15, TinyRun.Steps - 1);
        foreach (string threads in (string[])["1", "3"])
        {
            JsonElement verified = HablaProcess.RunIn(run.Folder, "verify", output, "--threads", threads, "--json").Expect(0).Json;
            Assert.True(verified.GetProperty("reproduced").GetBoolean());
            Assert.Equal(
                Sha256.OfFile(run.In($"{whole}/checkpoints/last/weights.safetensors")), verified.GetProperty("weights_sha256").GetString());
        }
    }

    /// <summary>The loss scale of the newest checkpoint that is whole.</summary>
    private JsonElement LossScale(string output) => Directory.GetDirectories(run.In($"{output}/checkpoints"))
        .Where(folder => StateStep(folder) >= 0)
        .Select(folder => run.Json(Path.Combine(folder, "state.json"))).MaxBy(state => state.GetProperty("step").GetInt32())
        .GetProperty("loss_scale");

    private string[] Pictures(string output) => Directory.Exists(run.In(output)) ? Directory.GetFiles(run.In(output), "*.png") : [];

    private int StateStep(string folder) =>
        File.Exists(Path.Combine(folder, "COMPLETE")) ? run.Json(Path.Combine(folder, "state.json")).GetProperty("step").GetInt32() : -1;

    private static int StepOf(string folder) =>
        int.TryParse(Path.GetFileName(folder)["step-".Length..], CultureInfo.InvariantCulture, out int step) ? step : int.MaxValue;

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
