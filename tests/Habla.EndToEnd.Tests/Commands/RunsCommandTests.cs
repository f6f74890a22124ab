using System.Text.Json;
using Habla.Tests.Plotting;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>habla runs and habla plot: what runs came to, from their folders alone.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class RunsCommandTests(TrainedRun run)
{
    [Fact]
    public void Runs_are_listed_as_a_table_and_as_json()
    {
        ProcessResult listed = run.Habla("runs", "list", "run", "--json").Expect(0);
        Assert.Matches(@"(?m)^run +finished +20 ", listed.Error);
        JsonElement only = Assert.Single(listed.Json.GetProperty("runs").EnumerateArray());
        JsonElement results = run.Json("run/results.json");
        foreach (string name in (string[])["val_ppl", "parameters", "ngram_baseline_val_ppl", "wall_clock_s"])
        {
            Assert.Equal(results.GetProperty(name).GetDouble(), only.GetProperty(name).GetDouble());
        }

        Assert.Contains("nowhere", run.Habla("runs", "list", "nowhere").Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_are_compared_key_by_key_and_figure_by_figure()
    {
        string other = run.NewName(), picture = run.NewName() + ".png";
        run.Train(other, "--set", "optimizer.clip=0.5").Expect(0);
        ProcessResult compared = run.Habla("runs", "compare", "run", other, "--json").Expect(0);
        JsonElement change = Assert.Single(compared.Json.GetProperty("config").EnumerateArray());
        Assert.Equal(("optimizer.clip", "1", "0.5"), (
            change.GetProperty("key").GetString(), change.GetProperty("a").GetString(), change.GetProperty("b").GetString()));
        Assert.Matches(@"optimizer.clip +1 +0.5", compared.Error);
        Assert.Matches(@"validation perplexity +\d", compared.Error);
        Assert.Contains("no manifest.json", run.Habla("runs", "compare", "run", "corpus").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(run.In(picture)));
    }

    [GnuplotFact]
    public void A_comparison_is_drawn_and_a_run_s_pictures_are_drawn_again()
    {
        string copy = run.NewName(), picture = run.NewName() + ".png";
        Directory.CreateDirectory(run.In(copy));
        foreach (string name in (string[])["manifest.json", "train_log.jsonl", "results.json"])
        {
            File.Copy(run.In($"run/{name}"), run.In($"{copy}/{name}"));
        }

        run.Habla("plot", copy).Expect(0);
        Assert.Equal(
            ["grad_norm.png", "loss_by_epoch.png", "loss_curve.png", "training_curve.png"],
            Directory.GetFiles(run.In(copy), "*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(run.In("run/grad_norm.png")), File.ReadAllBytes(run.In($"{copy}/grad_norm.png")));
        run.Habla("runs", "compare", "run", copy, "--out", picture).Expect(0);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(run.In(picture))[..4]);
    }

    [Fact]
    public void A_folder_without_a_run_has_nothing_to_draw() =>
        Assert.Contains("no manifest.json", run.Habla("plot", "corpus").Expect(2).Error, StringComparison.Ordinal);
}
