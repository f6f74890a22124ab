using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class CardCommandTests(TrainedRun run)
{
    [Fact]
    public void A_card_says_what_stays_the_same()
    {
        string output = run.NewName();
        ProcessResult said = run.Habla("card", "--run", "run", "--out", output, "--tokens", "100", "--json").Expect(0);

        JsonElement card = said.Json;
        JsonElement[] rows = [.. card.GetProperty("rows").EnumerateArray()];
        JsonElement Row(string name) => rows.Single(row => row.GetProperty("name").GetString() == name).GetProperty("difference");
        Assert.True(card.GetProperty("holds").GetBoolean());
        Assert.Equal(run.Weights, card.GetProperty("weights_sha256").GetString());
        Assert.InRange(card.GetProperty("tokens").GetInt32(), 100, 164); // whole rows
        Assert.Equal(0, Row("no cache").GetProperty("changed_logits").GetInt64());
        Assert.True(Row("weights q8_0").GetProperty("largest_logit_difference").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, Row("GGUF f32").ValueKind);
        Assert.Contains("does not apply", said.Error, StringComparison.Ordinal);
        Assert.Equal(card.GetRawText(), JsonSerializer.Serialize(run.Json($"{output}/card.json")));
        Assert.StartsWith("# Equivalence card", File.ReadAllText(run.In($"{output}/CARD.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_lies_in_the_run_and_goes_with_it()
    {
        string copy = run.Copy();
        run.Habla("card", "--run", copy, "--tokens", "20", "--threads", "1").Expect(0);
        Assert.True(File.Exists(run.In($"{copy}/CARD.md")) && File.Exists(run.In($"{copy}/card.json")));

        run.Train(copy, "--force").Expect(0);
        Assert.False(File.Exists(run.In($"{copy}/CARD.md")) || File.Exists(run.In($"{copy}/card.json")));
    }

    [Theory]
    [InlineData("--tokens 0", "--run", "run", "--tokens", "0")]
    [InlineData("no-such.jsonl", "--run", "run", "--file", "no-such.jsonl")]
    [InlineData("no-such: there is no such", "--run", "no-such")]
    [InlineData("small.yaml is a file", "--run", "run", "--out", "small.yaml")]
    [InlineData("Name a model")]
    public void Bad_input_is_refused(string named, params string[] options) => run.Refuses([named], ["card", .. options]);

    [Fact]
    public void A_model_without_a_run_needs_a_file()
    {
        string model = run.NewName();
        Directory.CreateDirectory(run.In(model));
        File.Copy(run.In("run/tokenizer.json"), run.In($"{model}/tokenizer.json"));
        File.Copy(run.In("run/checkpoints/best/weights.safetensors"), run.In($"{model}/weights.safetensors"));
        File.WriteAllText(run.In($"{model}/text.txt"), "es:yo camino / en:i walk");

        run.Refuses(["validation data"], "card", "--run", model);
        run.Habla("card", "--run", model, "--file", $"{model}/text.txt").Expect(0);
        Assert.True(File.Exists(run.In($"{model}/CARD.md")));
    }
}
