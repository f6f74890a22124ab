using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class EvalCommandTests(TrainedRun run)
{
    [Fact]
    public void It_finds_what_the_run_found_at_its_end()
    {
        JsonElement result = run.Habla("eval", "--run", "run", "--json").Expect(0).Json;

        double Number(string name) => result.GetProperty(name).GetDouble();
        Assert.Equal(run.Json("run/results.json").GetProperty("val_ppl").GetDouble(), Number("ppl"));
        Assert.Equal(Number("ppl"), Math.Exp(Number("loss")), 1e-9);
        Assert.True(Number("tokens") > 1000);
        Assert.InRange(Number("bits_per_byte"), 1, 8);
    }

    [Fact]
    public void The_float64_reference_agrees()
    {
        JsonElement result = run.Habla("eval", "--run", "run", "--reference", "--json").Expect(0).Json;

        Assert.Equal(result.GetProperty("reference_loss").GetDouble(), result.GetProperty("loss").GetDouble(), 1e-4);
        Assert.InRange(result.GetProperty("reference_largest_logit_difference").GetDouble(), 0, 1e-4);
    }

    [Fact]
    public void Saving_and_loading_changes_no_byte()
    {
        string file = run.NewName() + ".json";

        run.Habla("eval", "--run", "run", "--roundtrip", file).Expect(0);

        JsonElement result = run.Json(file);
        Assert.True(result.GetProperty("byte_identical").GetBoolean());
        Assert.Equal(run.Weights, result.GetProperty("weights_sha256").GetString());
        Assert.Equal(run.Weights, result.GetProperty("rewritten_sha256").GetString());
        Assert.True(result.GetProperty("logits").GetInt64() > 0);
    }

    [Fact]
    public void Another_file_gives_another_loss_and_threads_do_not()
    {
        double Loss(params string[] options) =>
            run.Habla(["eval", "--run", "run", "--json", .. options]).Expect(0).Json.GetProperty("loss").GetDouble();

        Assert.Equal(Loss("--data", "corpus/verbs_4/val.jsonl"), Loss("--checkpoint", "last", "--threads", "3"));
        Assert.NotEqual(Loss(), Loss("--data", "corpus/verbs_4/train.jsonl"));
    }

    [Theory]
    [InlineData("no-such", "--run", "no-such")]
    [InlineData("corpus: ", "--run", "corpus")]
    [InlineData("--run is empty", "--run", "")]
    [InlineData("it has best, last", "--run", "run", "--checkpoint", "step-7")]
    [InlineData("no-such.jsonl", "--run", "run", "--data", "no-such.jsonl")]
    [InlineData("verbs.yaml:1: ", "--run", "run", "--data", "verbs.yaml")]
    [InlineData("--stride -1", "--run", "run", "--stride", "-1")]
    public void Bad_input_is_refused(string named, params string[] options) => run.Refuses([named], ["eval", .. options]);
}
