using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>habla train with all that a recipe can switch on, in one run.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class TrainFeaturesTests(TrainedRun run)
{
    private static readonly string[] s_settings =
    [
        "training.accumulation=3", "training.label_smoothing=0.1", "training.val_every=2", "training.early_stopping.patience=2",
        "training.early_stopping.min_delta=0.5", "scheduler.type=restarts", "scheduler.restart_steps=4", "scheduler.restart_mult=2",
        "optimizer.groups=[{match: \"blocks.*.attention.*\", lr_scale: 0.5, weight_decay: 0}]", "checkpoint.every=3",
    ];

    private static readonly string[] s_options = [.. s_settings.SelectMany(setting => (string[])["--set", setting])];

    [Fact]
    public void All_of_it_is_one_run_that_any_threads_a_resumed_run_and_verify_come_to_again()
    {
        string output = run.NewName(), other = run.NewName(), interrupted = run.NewName();

        ProcessResult trained = run.Train(output, ["--threads", "1", .. s_options]).Expect(0);
        run.Train(other, ["--threads", "3", .. s_options]).Expect(0);
        ProcessResult first = run.Interrupt("INT", interrupted, s_options);
        if (first.ExitCode != 0)
        {
            first.Expect(130);
            run.Train(interrupted, ["--resume", .. s_options]).Expect(0);
        }

        JsonElement results = run.Json($"{output}/results.json"), manifest = run.Json($"{output}/manifest.json");
        Assert.All((string[])[other, interrupted], same => Assert.All(
            (string[])["weights_sha256", "steps", "stopped_early", "best_val_step", "val_ppl", "val_accuracy"],
            name => Assert.Equal(results.GetProperty(name).ToString(), run.Json($"{same}/results.json").GetProperty(name).ToString())));
        Assert.True(results.GetProperty("stopped_early").GetBoolean());
        Assert.InRange(results.GetProperty("steps").GetInt32(), 6, 19);
        Assert.Equal("finished", manifest.GetProperty("status").GetString());
        Assert.Equal(results.GetProperty("best_val_step").GetInt32(), manifest.GetProperty("weights_step").GetInt32());
        JsonElement group = Assert.Single(manifest.GetProperty("parameter_groups").EnumerateArray());
        Assert.Contains(
            "blocks.0.attention.query.weight", group.GetProperty("parameters").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("stopped early after", trained.Error, StringComparison.Ordinal);
        Assert.Contains("blocks.*.attention.*: 4 parameters", trained.Error, StringComparison.Ordinal);
        run.Habla("verify", output).Expect(0);
        JsonElement evaluated = run.Habla("eval", "--run", output, "--json").Expect(0).Json;
        Assert.Equal(results.GetProperty("val_ppl").GetDouble(), evaluated.GetProperty("ppl").GetDouble());
        Assert.Equal(results.GetProperty("val_accuracy").GetDouble(), evaluated.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void A_group_that_matches_nothing_is_refused_before_anything_is_written()
    {
        string output = run.NewName();

        ProcessResult refused = run.Train(output, "--set", "optimizer.groups=[{match: \"layers.*\", lr_scale: 2}]").Expect(2);

        Assert.Contains("optimizer.groups: layers.* matches no parameter", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.In(output)));
    }
}
