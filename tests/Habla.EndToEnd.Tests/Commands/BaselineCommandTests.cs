using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class BaselineCommandTests(TrainedRun run)
{
    [Fact]
    public void It_counts_what_train_would_count()
    {
        string output = run.NewName();

        JsonElement answer = run.Habla("baseline", "--config", "small.yaml", "--out", output, "--json").Expect(0).Json;

        JsonElement best = answer.GetProperty("best");
        Assert.Equal(
            run.Json("run/results.json").GetProperty("ngram_baseline_val_ppl").GetDouble(), best.GetProperty("val_ppl").GetDouble());
        Assert.Equal(14, answer.GetProperty("rows").GetArrayLength());
        Assert.Equal(answer.GetProperty("rows").EnumerateArray()
            .Min(row => row.GetProperty("val_ppl").GetDouble()), best.GetProperty("val_ppl").GetDouble());
        Assert.Equal(
            run.Habla("eval", "--run", "run", "--json").Json.GetProperty("tokens").GetInt32(), best.GetProperty("val_tokens").GetInt32());
        Assert.All(
            (string[])["results.json", "manifest.json", "README.md"], name => Assert.True(File.Exists(run.In($"{output}/{name}")), name));
    }

    [Fact]
    public void Counting_twice_gives_the_same_bytes_and_a_full_folder_wants_force()
    {
        string output = run.NewName();
        string[] command = ["baseline", "--config", "small.yaml", "--out", output];
        run.Habla(command).Expect(0);
        string first = Sha256.OfFile(run.In($"{output}/results.json"));

        run.Refuses([$"{output}: ", "--force"], command);
        run.Habla([.. command, "--force"]).Expect(0);

        Assert.Equal(first, Sha256.OfFile(run.In($"{output}/results.json")));
    }

    [Theory]
    [InlineData("val_path", "--set", "data.val_path=null")]
    [InlineData("no-such.jsonl", "--set", "data.train_path=no-such.jsonl")]
    [InlineData("did you mean n_layer?", "--set", "model.n_layers=2")]
    public void Bad_input_is_refused(string named, params string[] options) =>
        run.Refuses([named], ["baseline", "--config", "small.yaml", "--out", "x", .. options]);
}
