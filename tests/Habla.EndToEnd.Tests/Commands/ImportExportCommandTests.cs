using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>
/// habla export and habla import: a model that left and came back says the same, and what cannot leave or come in is refused.
/// </summary>
[Collection(TrainedRunGroup.Name)]
public sealed class ImportExportCommandTests(TrainedRun run)
{
    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void A_model_that_came_back_says_the_same(string family)
    {
        string trained = Trained(family), left = run.NewName(), back = run.NewName(), file = run.NewName() + ".gguf";
        JsonElement exported = run.Habla("export", "--run", trained, "--to", "hf", "--out", left, "--json").Expect(0).Json;
        Assert.All(exported.GetProperty("files").EnumerateArray(), path => Assert.True(File.Exists(run.In(path.GetString()!))));
        Assert.Equal(family, run.Json($"{left}/config.json").GetProperty("model_type").GetString());

        JsonElement imported = run.Habla("import", left, "--out", back, "--json").Expect(0).Json;
        string weights = Sha256.OfFile(run.In($"{trained}/checkpoints/last/weights.safetensors"));
        Assert.Equal(weights, imported.GetProperty("weights_sha256").GetString());
        Assert.Equal(weights, Sha256.OfFile(run.In($"{back}/weights.safetensors")));
        Assert.Equal(Said(trained), Said(back));

        run.Habla("export", "--checkpoint", $"{back}/weights.safetensors", "--to", "gguf", "--dtype", "q8_0", "--out", file).Expect(0);
        Assert.Equal("GGUF"u8.ToArray(), File.ReadAllBytes(run.In(file))[..4]);
        run.Refuses([file, "is there already", "--force"], "export", "--run", back, "--to", "gguf", "--out", file);
        run.Refuses([left, "is not empty", "--force"], "export", "--run", back, "--to", "hf", "--out", left);
        run.Habla("export", "--run", back, "--to", "hf", "--out", left, "--force").Expect(0);
        run.Refuses(["no file of weights"], "generate", "--checkpoint", file, "--prompt", "a");
        run.Refuses(["--force"], "import", left, "--out", back);
        run.Habla("import", left, "--out", back, "--force").Expect(0);
    }

    [Fact]
    public void What_cannot_leave_is_refused()
    {
        run.Refuses(["family minigpt", "model.position rotary", "model.norm layernorm"], "export", "--run", "run", "--to", "hf", "--out", "x");
        run.Refuses(["family minigpt"], "export", "--run", "run", "--to", "gguf", "--out", "x.gguf");
        run.Refuses(["--dtype q8_0 is not for --to hf"], "export", "--run", "run", "--to", "hf", "--dtype", "q8_0", "--out", "x");
        run.Refuses(["--dtype bf16 is not for --to gguf"], "export", "--run", "run", "--to", "gguf", "--dtype", "bf16", "--out", "x");
        run.Refuses(["no-such"], "export", "--run", "no-such", "--to", "hf", "--out", "x");
        run.Refuses(["is not empty", "name another one"], "export", "--run", Trained("llama"), "--to", "hf", "--out", "corpus", "--force");
    }

    [Fact]
    public void What_cannot_come_in_is_refused()
    {
        string left = run.NewName();
        run.Habla("export", "--run", Trained("llama"), "--to", "hf", "--out", left).Expect(0);
        run.Refuses(["is not empty"], "import", left, "--out", "run");
        run.Refuses(["has no config.json"], "import", "run", "--out", "x");

        string config = run.In($"{left}/config.json"), text = File.ReadAllText(config);
        File.WriteAllText(config, text.Replace("\"silu\"", "\"relu\"", StringComparison.Ordinal));
        run.Refuses(["config.json: hidden_act is relu"], "import", left, "--out", "x");
        File.WriteAllText(config, text.Replace("\"llama\"", "\"qwen3\"", StringComparison.Ordinal));
        run.Refuses(["config.json: model_type is 'qwen3'"], "import", left, "--out", "x");
        File.WriteAllText(config, text);

        string weights = run.In($"{left}/model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, bytes[..^9]);
        run.Refuses(["model.safetensors", "cut short"], "import", left, "--out", "x");
        File.WriteAllBytes(weights, bytes);
        File.Delete(run.In($"{left}/tokenizer.json"));
        run.Refuses([$"{left} has no tokenizer"], "import", left, "--out", "x");
    }

    private string Trained(string family)
    {
        string output = run.NewName(), recipe = run.NewName() + ".yaml";
        string[] lines = File.ReadAllLines(run.In("verbs.yaml"));
        File.WriteAllLines(run.In(recipe), lines);
        string[] settings =
        [
            "data.train_path=corpus/verbs_4/train.jsonl", "data.val_path=corpus/verbs_4/val.jsonl", $"model.family={family}",
            "model.n_layer=1", "model.d_model=16", "model.d_ff=32", "scheduler.total_steps=5", "scheduler.warmup_steps=2",
        ];
        run.Habla(
            ["train", "--config", recipe, "--out", output, "--no-baseline", .. settings.SelectMany(one => (string[])["--set", one])])
            .Expect(0);
        return output;
    }

    private string Said(string model) =>
        run.Habla("generate", "--run", model, "--prompt", "I ", "--max-tokens", "12", "--json").Expect(0).Json.GetProperty("ids").GetRawText();
}
