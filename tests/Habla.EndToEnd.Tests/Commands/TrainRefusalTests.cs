using System.Text.Json.Nodes;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What habla train refuses, before it has changed anything.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class TrainRefusalTests(TrainedRun run)
{
    [Theory]
    [InlineData("d_model: 16", "d_modl: 16", ":6: ", "model.d_modl", "did you mean d_model?")]
    [InlineData("optimizer:", "optimiser:", "optimiser", "did you mean optimizer?")]
    [InlineData("n_layer: 1", "n_layer: one", ":3: ", "model.n_layer", "whole number")]
    [InlineData("n_layer: 1", "n_layer: [1]", ":3: ", "model.n_layer")]
    [InlineData("beta2: 0.95", "beta2: 1.5", "optimizer.beta2", "1.5")]
    [InlineData("n_head: 4", "n_head: 5", "model.d_model", "not divisible")]
    [InlineData("d_model: 16", "d_model: '16", "not YAML")]
    [InlineData("  d_model: 16", "\td_model: 16", ":6: ", "tab")]
    public void A_broken_recipe(string before, string after, params string[] named)
    {
        string recipe = run.RecipeWith(before, after);

        run.Refuses([recipe, .. named], "train", "--config", recipe, "--out", "x");
    }

    [Theory]
    [InlineData("no section.key=value", "--set", "model", "section.key=value")]
    [InlineData("an unknown key", "--set", "model.n_layers=2", "did you mean n_layer?")]
    [InlineData("an impossible value", "--set", "scheduler.total_steps=0", "scheduler.total_steps")]
    [InlineData("a seed that is no number", "--seed", "-1", "--seed")]
    [InlineData("no threads", "--threads", "0", "whole number from 1")]
    [InlineData("a missing baseline", "--baseline", "no-such", "no-such")]
    [InlineData("an empty name", "--baseline", "", "--baseline is empty")]
    public void A_bad_option(string what, string option, string value, string named)
    {
        Assert.NotEmpty(what);
        run.Refuses([named], "train", "--config", "small.yaml", "--out", "x", option, value);
    }

    [Theory]
    [InlineData("--resume", "--force")]
    [InlineData("--no-baseline", "--gate")]
    public void Options_that_exclude_each_other(string one, string other) =>
        run.Refuses([one, other], "train", "--config", "small.yaml", "--out", "x", one, other);

    [Fact]
    public void A_recipe_that_is_not_there() =>
        run.Refuses(["smal.yaml", "did you mean small.yaml?"], "train", "--config", "smal.yaml", "--out", "x");

    [Theory]
    [InlineData("data.train_path")]
    [InlineData("data.val_path")]
    [InlineData("tokenizer.path")]
    public void Files_that_are_not_there(string key) =>
        run.Refuses(["no-such.jsonl"], "train", "--config", "small.yaml", "--out", "x", "--set", $"{key}=no-such.jsonl");

    [Fact]
    public void A_row_that_is_too_long()
    {
        string[] rows = File.ReadAllLines(run.In("corpus/verbs_4/train.jsonl"));
        JsonNode row = JsonNode.Parse(rows[6])!;
        row["text"] = "i walk " + string.Concat(Enumerable.Repeat("and walk ", 20));
        rows[6] = row.ToJsonString();
        string data = run.NewName() + ".jsonl";
        File.WriteAllLines(run.In(data), rows);

        run.Refuses(
            [$"{data}:7: ", (string)row["id"]!, "data.truncate: true"],
            "train", "--config", "small.yaml", "--out", "x", "--set", $"data.train_path={data}");
    }

    [Theory]
    [InlineData("small.yaml")]
    [InlineData("small.yaml/run")]
    [InlineData("/proc/habla-run")]
    [InlineData("")]
    public void A_folder_that_cannot_be_written(string output) =>
        run.Refuses([output.Length == 0 ? "--out is empty" : output], "train", "--config", "small.yaml", "--out", output, "--no-baseline");

    [Fact]
    public void A_run_that_is_there_already() =>
        run.Refuses(["run: ", "--resume", "--force"], "train", "--config", "small.yaml", "--out", "run");

    [Theory]
    [InlineData]
    [InlineData("--force")]
    [InlineData("--resume")]
    public void A_folder_of_somebody_else(params string[] options)
    {
        string mine = run.NewName();
        Directory.CreateDirectory(run.In($"{mine}/checkpoints"));
        File.WriteAllText(run.In($"{mine}/checkpoints/notes.txt"), "keep");
        File.WriteAllText(run.In($"{mine}/manifest.json"), """{"name": "an application of mine"}""");

        run.Refuses([$"{mine}: "], ["train", "--config", "small.yaml", "--out", mine, .. options]);
    }

    [Fact]
    public void A_bad_recipe_or_missing_data_leave_a_run_alone_even_with_force()
    {
        run.Refuses(["model.n_layer"], "train", "--config", "small.yaml", "--out", "run", "--force", "--set", "model.n_layer=0");
        run.Refuses(["no-such.jsonl"], "train", "--config", "small.yaml", "--out", "run", "--force", "--set",
            "data.val_path=no-such.jsonl");
    }

    [Fact]
    public void Resuming_what_is_not_there() =>
        run.Refuses(["no run to resume"], "train", "--config", "small.yaml", "--out", "nowhere", "--resume");

    [Fact]
    public void Resuming_with_another_recipe() => run.Refuses(
        ["optimizer.lr_max", "0.0003", "0.001"],
        "train", "--config", "small.yaml", "--out", "run", "--resume", "--set", "optimizer.lr_max=1e-3");

    [Fact]
    public void Resuming_with_other_data()
    {
        string data = run.NewName() + ".jsonl", output = run.NewName();
        string[] options = ["--set", $"data.train_path={data}"];
        File.Copy(run.In("corpus/verbs_4/train.jsonl"), run.In(data));
        run.Train(output, options).Expect(0);
        File.WriteAllLines(run.In(data), File.ReadAllLines(run.In(data)).SkipLast(1));

        run.Refuses([data, "has changed"], ["train", "--config", "small.yaml", "--out", output, "--resume", .. options]);
    }

    [Fact]
    public void Resuming_when_every_checkpoint_is_damaged()
    {
        string output = run.Copy();
        string[] moments = [$"{output}/checkpoints/last/optim.safetensors", $"{output}/checkpoints/best/optim.safetensors"];
        foreach (string file in moments)
        {
            byte[] bytes = File.ReadAllBytes(run.In(file));
            bytes[^1] ^= 1;
            File.WriteAllBytes(run.In(file), bytes);
        }

        run.Refuses([.. moments, "SHA-256"], "train", "--config", "small.yaml", "--out", output, "--resume");
    }

    [Fact]
    public void A_baseline_of_other_tokens()
    {
        string other = run.NewName(), sameTokens = run.NewName();
        string[] cell = ["--set", "data.train_path=corpus/cell/train.jsonl", "--set", "data.val_path=corpus/cell/val.jsonl"];
        run.Habla(["baseline", "--config", "small.yaml", "--out", other, .. cell]).Expect(0);
        run.Refuses([other, "another tokenizer"], "train", "--config", "small.yaml", "--out", "x", "--baseline", other);

        string[] tokenizer = ["--set", "tokenizer.path=run/tokenizer.json"];
        run.Habla(["baseline", "--config", "small.yaml", "--out", sameTokens, .. cell, .. tokenizer]).Expect(0);
        run.Refuses(
            [sameTokens, "other data", "corpus/cell/val.jsonl"],
            ["train", "--config", "small.yaml", "--out", "x", "--baseline", sameTokens, .. tokenizer]);
    }
}
