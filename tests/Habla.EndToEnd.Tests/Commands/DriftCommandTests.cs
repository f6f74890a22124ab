using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class DriftCommandTests(TrainedRun run)
{
    [Fact]
    public void It_tells_what_16_bits_cost_layer_by_layer_and_writes_it_down()
    {
        string output = run.NewName();

        JsonElement answer = run.Habla("drift", "--run", "run", "--dtype", "fp16,bf16", "--out", output, "--json").Expect(0).Json;

        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal(["fp16", "bf16"], results.Select(result => result.GetProperty("dtype").GetString()));
        JsonElement evaluated = run.Habla("eval", "--run", "run", "--json").Expect(0).Json;
        Assert.All(results, result => Assert.Equal(
            evaluated.GetProperty("loss").GetDouble(), result.GetProperty("loss_float32").GetDouble(), 1e-5));
        Assert.Equal(
            ["embed_out", "block_0_out", "final_ln_out", "logits"],
            results[1].GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("layer").GetString()));
        JsonElement written = run.Json($"{output}/drift_results.json");
        Assert.Equal(run.Weights, written.GetProperty("weights_sha256").GetString());
        Assert.Equal(results[1].ToString(), JsonSerializer.Serialize(written.GetProperty("results")[1]));
        Assert.Equal(run.Weights, run.Json($"{output}/manifest.json").GetProperty("weights_sha256").GetString());
        string flips = File.ReadAllText(run.In($"{output}/argmax_flips.md"));
        Assert.Contains($"## bf16: {results[1].GetProperty("flips").GetArrayLength()} of ", flips, StringComparison.Ordinal);

        run.Refuses([output, "--force"], "drift", "--run", "run", "--dtype", "bf16", "--out", output);
        run.Habla("drift", "--run", "run", "--dtype", "bf16", "--out", output, "--force").Expect(0);
        Assert.Equal(1, run.Json($"{output}/drift_results.json").GetProperty("results").GetArrayLength());
    }

    [Fact]
    public void Another_file_can_be_predicted()
    {
        string output = run.NewName();

        run.Habla("drift", "--run", "run", "--dtype", "bf16", "--out", output, "--data", "corpus/cell/val.jsonl").Expect(0);

        Assert.True(run.Json($"{output}/drift_results.json").GetProperty("data").TryGetProperty("corpus/cell/val.jsonl", out _));
    }

    [Fact]
    public void What_cannot_be_used_is_refused()
    {
        run.Refuses(["--dtype fp8: expected fp16, bf16 or fp16,bf16"], "drift", "--run", "run", "--dtype", "fp8", "--out", "x");
        run.Refuses(["no-run", "there is no such file or folder"], "drift", "--run", "no-run", "--dtype", "bf16", "--out", "x");
        run.Refuses(["no-such.jsonl"], "drift", "--run", "run", "--dtype", "bf16", "--out", "x", "--data", "no-such.jsonl");
        run.Refuses(["run", "--force"], "drift", "--run", "run", "--dtype", "bf16", "--out", "run");
        run.Refuses(["checkpoints"], "drift", "--run", "run", "--dtype", "bf16", "--out", "run", "--force");
    }
}
