using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>How a run of habla train can end.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class TrainOutcomeTests(TrainedRun run)
{
    // Long enough that a signal sent after the first step finds it at work.
    private static readonly string[] Long = ["--set", "scheduler.total_steps=2000", "--set", "training.val_every=500", "--threads", "1"];

    [Fact]
    public void The_seed_decides_the_weights_and_the_threads_do_not()
    {
        string Weights(params string[] options) =>
            run.Train(run.NewName(), [.. options, "--json"]).Expect(0).Json.GetProperty("weights_sha256").GetString()!;

        Assert.Equal(run.Weights, Weights("--seed", "42", "--threads", "3"));
        Assert.NotEqual(run.Weights, Weights("--seed", "43"));
    }

    [Fact]
    public void Force_replaces_a_run_and_keeps_the_files_of_others()
    {
        string output = run.NewName();
        run.Train(output, "--seed", "43").Expect(0);
        File.WriteAllText(run.In($"{output}/notes.txt"), "keep");

        run.Train(output, "--force").Expect(0);

        Assert.Equal(run.Weights, run.Json($"{output}/manifest.json").GetProperty("weights_sha256").GetString());
        Assert.Equal("keep", File.ReadAllText(run.In($"{output}/notes.txt")));
    }

    [Fact]
    public void A_run_interrupted_twice_saves_itself_and_ends_as_if_nothing_had_happened()
    {
        string whole = run.NewName(), output = run.NewName();
        string trained = run.Train(whole, Long).Expect(0).Error;

        int first = StepsUntil(run.Interrupt("INT", output, Long), output);
        int second = StepsUntil(run.Interrupt("TERM", output, [.. Long, "--resume"]), output);
        double seconds = WallClock(output);
        string summary = run.Train(output, [.. Long, "--resume"]).Expect(0).Error;

        Assert.InRange(first, 1, 1998);
        Assert.InRange(second, first + 1, 1999);
        Assert.Equal("finished", run.Json($"{output}/manifest.json").GetProperty("status").GetString());
        Assert.True(WallClock(output) > seconds);
        Assert.Matches(
            $"\ndone after 2,000 steps in .*\nof these, this time      {2000 - second:N0} steps in [0-9.]+ s, [0-9,]+ tokens\n", summary);
        Assert.Equal(TokensLearnedFrom(trained), TokensLearnedFrom(summary));
        Assert.DoesNotContain("this time", trained, StringComparison.Ordinal);
        Assert.Equal(LogWithoutTimes(whole), LogWithoutTimes(output));
        Assert.All(
            (string[])["last/weights.safetensors", "last/optim.safetensors", "last/state.json", "best/weights.safetensors"],
            file => Assert.Equal(
                Sha256.OfFile(run.In($"{whole}/checkpoints/{file}")), Sha256.OfFile(run.In($"{output}/checkpoints/{file}"))));
    }

    [Fact]
    public void A_run_that_diverges_names_the_tensor_and_keeps_the_last_good_checkpoint()
    {
        string output = run.NewName();

        // Decay by lr·λ = 100 multiplies every weight by -99, at each step.
        ProcessResult diverged = run.Train(
            output, "--set", "optimizer.lr_max=10", "--set", "optimizer.lr_min=10", "--set", "optimizer.weight_decay=10",
            "--set", "scheduler.total_steps=300", "--set", "checkpoint.every=2", "--json").Expect(1);

        int steps = run.Log(output).Length;
        Assert.Matches($"habla: training diverged at step {steps + 1}: the first tensor that is not finite is .*\\[.*The last good "
            + "checkpoint is .*checkpoints/last; .*checkpoints/diverged", diverged.Error);
        Assert.DoesNotContain("   at ", diverged.Error, StringComparison.Ordinal);
        Assert.Empty(diverged.Output);
        JsonElement manifest = run.Json($"{output}/manifest.json");
        Assert.Equal("failed", manifest.GetProperty("status").GetString());
        Assert.Equal(steps / 2 * 2, run.Json($"{output}/checkpoints/last/state.json").GetProperty("step").GetInt32());
        JsonElement state = run.Json($"{output}/checkpoints/diverged/state.json");
        Assert.Equal(steps, state.GetProperty("step").GetInt32());
        Assert.Equal(
            Sha256.OfFile(run.In($"{output}/checkpoints/last/weights.safetensors")), manifest.GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void A_run_whose_loss_ended_above_its_start_ends_with_a_warning_of_what_to_try()
    {
        string output = run.NewName();
        ProcessResult ended = run.Train(
            output, "--set", "optimizer.lr_max=5", "--set", "optimizer.lr_min=5", "--set", "optimizer.weight_decay=0").Expect(0);

        Assert.Contains("\nwarning: the training loss ended above where it began: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains("optimizer.lr_max ten times lower (it was 5)", ended.Error, StringComparison.Ordinal);
        Assert.Matches(" % higher\\), least ", ended.Error);
        Assert.Contains("**Warning:** the training loss ended above where it began", File.ReadAllText(run.In($"{output}/README.md")),
            StringComparison.Ordinal);
        Assert.DoesNotContain("warning: the training loss ended", run.Finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", File.ReadAllText(run.In("run/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_gate_is_the_given_baseline()
    {
        string baseline = run.NewName();
        run.Habla("baseline", "--config", "small.yaml", "--out", baseline).Expect(0);
        JsonNode results = JsonNode.Parse(File.ReadAllText(run.In($"{baseline}/results.json")))!;
        foreach ((double perplexity, int exitCode, string said, string how) in (
            (double, int, string, string)[])[(1, 1, "no", "higher"), (1000, 0, "yes", "lower")])
        {
            string output = run.NewName();
            results["best"]!["val_ppl"] = perplexity;
            File.WriteAllText(run.In($"{baseline}/results.json"), results.ToJsonString());

            ProcessResult answer = run.Habla("train", "--config", "small.yaml", "--out", output, "--baseline", baseline, "--gate")
                .Expect(exitCode);

            Assert.Matches($"beats baseline: {said} \\(.* % {how}\\)", answer.Error);
            Assert.Equal(perplexity, run.Json($"{output}/results.json").GetProperty("ngram_baseline_val_ppl").GetDouble());
            Assert.Equal("finished", run.Json($"{output}/manifest.json").GetProperty("status").GetString());
        }
    }

    [Fact]
    public void Resuming_a_finished_run_changes_no_result()
    {
        string output = run.Copy();

        run.Habla("train", "--config", "small.yaml", "--out", output, "--resume").Expect(0);

        string[] kept =
            ["train_ppl", "val_ppl", "best_val_step", "best_val_ppl", "ngram_baseline_val_ppl", "tokens_per_s", "steps", "weights_sha256"];
        Assert.All(kept, name => Assert.Equal(
            run.Json("run/results.json").GetProperty(name).ToString(), run.Json($"{output}/results.json").GetProperty(name).ToString()));
        Assert.True(WallClock(output) >= WallClock("run"));
        Assert.Equal(File.ReadAllBytes(run.In("run/train_log.jsonl")), File.ReadAllBytes(run.In($"{output}/train_log.jsonl")));
    }

    [Fact]
    public void Without_a_baseline_there_is_nothing_to_beat()
    {
        string output = run.NewName();

        ProcessResult answer = run.Train(output).Expect(0);

        Assert.DoesNotContain("baseline", answer.Error, StringComparison.Ordinal);
        JsonElement results = run.Json($"{output}/results.json");
        Assert.Equal(JsonValueKind.Null, results.GetProperty("ngram_baseline_val_ppl").ValueKind);
        Assert.Equal(JsonValueKind.Null, results.GetProperty("beats_baseline").ValueKind);
    }

    /// <summary>The steps done and saved by a run that was interrupted.</summary>
    private int StepsUntil(ProcessResult interruption, string output)
    {
        interruption.Expect(130);
        Assert.Contains("habla train --resume", interruption.Error, StringComparison.Ordinal);
        Assert.Equal("interrupted", run.Json($"{output}/manifest.json").GetProperty("status").GetString());
        int steps = run.Log(output).Length;
        Assert.Equal(steps, run.Json($"{output}/checkpoints/last/state.json").GetProperty("step").GetInt32());
        return steps;
    }

    private static string TokensLearnedFrom(string summary) => Regex.Match(summary, "([0-9,]+) tokens learned from").Groups[1].Value;

    private double WallClock(string output) => run.Json($"{output}/results.json").GetProperty("wall_clock_s").GetDouble();

    private string[] LogWithoutTimes(string name) =>
    [
        .. run.Log(name).Select(line => string.Join(
            ' ', line.EnumerateObject().Where(entry => entry.Name != "tokens_per_s").Select(entry => entry.ToString()))),
    ];
}
