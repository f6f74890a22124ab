using System.Globalization;
using System.Text.Json;
using Habla.Tests.Plotting;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What habla train leaves behind.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class TrainFolderTests(TrainedRun run)
{
    [Fact]
    public void The_manifest_tells_where_the_run_came_from()
    {
        JsonElement manifest = run.Json("run/manifest.json");

        Assert.Equal("finished", manifest.GetProperty("status").GetString());
        Assert.Equal(42, manifest.GetProperty("seed").GetInt32());
        Assert.Equal(7, manifest.GetProperty("data_seed").GetInt32());
        Assert.Equal(16, manifest.GetProperty("config").GetProperty("model").GetProperty("d_model").GetInt32());
        Assert.Equal("corpus/verbs_4/val.jsonl", manifest.GetProperty("config").GetProperty("data").GetProperty("val_path").GetString());
        Assert.Equal(
            ["habla", "train", "--config"], manifest.GetProperty("command_line").EnumerateArray().Take(3).Select(part => part.GetString()));
        Assert.True(manifest.GetProperty("ended_at").GetDateTimeOffset() >= manifest.GetProperty("started_at").GetDateTimeOffset());
        Assert.All(
            (string[])["versions", "git_sha", "hardware", "threads"], name => Assert.True(manifest.TryGetProperty(name, out _), name));
    }

    [Fact]
    public void The_manifest_s_hashes_are_those_of_the_files()
    {
        JsonElement manifest = run.Json("run/manifest.json");

        Assert.Equal(Sha256.OfFile(run.In("run/checkpoints/last/weights.safetensors")), manifest.GetProperty("weights_sha256").GetString());
        Assert.Equal(Sha256.OfFile(run.In("run/tokenizer.json")), manifest.GetProperty("tokenizer_sha256").GetString());
        JsonProperty[] data = [.. manifest.GetProperty("data_sha256").EnumerateObject()];
        Assert.Equal(["corpus/verbs_4/train.jsonl", "corpus/verbs_4/val.jsonl"], data.Select(file => file.Name));
        Assert.All(data, file => Assert.Equal(Sha256.OfFile(run.In(file.Name)), file.Value.GetString()));
    }

    [Fact]
    public void The_resolved_recipe_trains_the_same_weights_again()
    {
        string again = run.NewName();

        ProcessResult second = run.Habla("train", "--config", "run/config.yaml", "--out", again, "--no-baseline", "--json").Expect(0);

        Assert.Equal(run.Weights, second.Json.GetProperty("weights_sha256").GetString());
        Assert.Equal(File.ReadAllBytes(run.In("run/config.yaml")), File.ReadAllBytes(run.In($"{again}/config.yaml")));
    }

    [Fact]
    public void Every_step_is_in_the_log_and_every_tenth_is_validated()
    {
        JsonElement[] log = run.Log("run");

        Assert.Equal(Enumerable.Range(1, 20), log.Select(line => line.GetProperty("step").GetInt32()));
        Assert.All(log, line => Assert.All(
            (string[])["loss", "lr", "grad_norm", "tokens_per_s"], name => Assert.True(line.GetProperty(name).GetDouble() > 0, name)));
        Assert.Equal(
            [10, 20],
            log.Where(line => line.TryGetProperty("val_loss", out _)).Select(line => line.GetProperty("step").GetInt32()));
        JsonElement last = log[^1];
        Assert.Equal(Math.Exp(last.GetProperty("val_loss").GetDouble()), last.GetProperty("val_ppl").GetDouble(), 1e-9);
        Assert.InRange(log[0].GetProperty("loss").GetDouble(), Math.Log(64) - 0.5, Math.Log(64) + 0.5);
        Assert.Equal(3e-4 / 2, log[0].GetProperty("lr").GetDouble(), 1e-12);
    }

    [Fact]
    public void The_results_agree_with_the_log_and_go_to_standard_output_too()
    {
        JsonElement results = run.Json("run/results.json");

        double Number(string name) => results.GetProperty(name).GetDouble();
        JsonElement last = run.Log("run")[^1];
        Assert.Equal(last.GetProperty("val_ppl").GetDouble(), Number("val_ppl"), 1e-9);
        Assert.True(Number("best_val_ppl") <= Number("val_ppl"));
        Assert.Contains(results.GetProperty("best_val_step").GetInt32(), (int[])[10, 20]);
        Assert.Equal(Number("val_ppl") < Number("ngram_baseline_val_ppl"), results.GetProperty("beats_baseline").GetBoolean());
        Assert.Equal(
            100 * (Number("ngram_baseline_val_ppl") - Number("val_ppl")) / Number("ngram_baseline_val_ppl"),
            Number("ppl_improvement_pct"), 1e-9);
        Assert.All((string[])["train_ppl", "wall_clock_s", "peak_rss_mb", "tokens_per_s"], name => Assert.True(Number(name) > 0, name));
        Assert.True(JsonElement.DeepEquals(results, run.Finished.Json));
    }

    [Theory]
    [InlineData("last")]
    [InlineData("best")]
    public void Checkpoints_are_complete(string name)
    {
        JsonElement complete = run.Json($"run/checkpoints/{name}/COMPLETE");

        Assert.Equal(
            ["optim.safetensors", "state.json", "weights.safetensors"],
            complete.EnumerateObject().Select(file => file.Name));
        Assert.All(complete.EnumerateObject(), file =>
            Assert.Equal(Sha256.OfFile(run.In($"run/checkpoints/{name}/{file.Name}")), file.Value.GetString()));
    }

    [GnuplotFact]
    public void Pictures_are_drawn()
    {
        byte[] signature = [0x89, (byte)'P', (byte)'N', (byte)'G'];
        Assert.All(
            (string[])["loss_curve.png", "training_curve.png", "loss_by_epoch.png", "grad_norm.png"],
            name => Assert.Equal(signature, File.ReadAllBytes(run.In($"run/{name}"))[..4]));
    }

    [Fact]
    public void Without_gnuplot_only_the_pictures_are_missing_and_it_is_said()
    {
        string output = run.NewName();

        ProcessResult trained = run.TrainWith(new() { ["PATH"] = run.In("corpus") }, output).Expect(0);

        Assert.Contains("gnuplot", trained.Error, StringComparison.Ordinal);
        Assert.Contains("install", trained.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(run.In(output), "*.png"));
        Assert.Equal(run.Weights, run.Json($"{output}/results.json").GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void Nothing_else_is_left()
    {
        string[] files =
        [
            .. Directory.EnumerateFileSystemEntries(run.In("run")).Select(path => Path.GetFileName(path)!)
                .Where(name => !name.EndsWith(".png", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];

        Assert.Equal(
            ["README.md", "checkpoints", "config.yaml", "health.jsonl", "manifest.json", "results.json", "tokenizer.json",
                "train_log.jsonl", "training_metrics.json"],
            files);
    }

    [Fact]
    public void People_read_plain_lines_when_standard_error_is_a_file()
    {
        ProcessResult warned = run.Train(run.NewName(), "--set", "model.init_std=0.5").Expect(0);

        Assert.Contains("\nwarning: the first loss is ", warned.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', warned.Error);
        Assert.Empty(warned.Output);
        foreach (int step in (int[])[1, 10, 20])
        {
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"\nstep {step}/20  loss "), warned.Error, StringComparison.Ordinal);
        }
    }
}
