using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class ScoreCommandTests(TrainedRun run)
{
    private const string Validation = "corpus/verbs_4/val.jsonl", Text = "es:yo camino / en:i walk";

    [Fact]
    public void Over_a_file_it_finds_what_eval_finds()
    {
        JsonElement eval = run.Habla("eval", "--run", "run", "--data", Validation, "--json").Expect(0).Json;
        JsonElement score = run.Habla("score", "--run", "run", "--file", Validation, "--json").Expect(0).Json;

        foreach (string name in (string[])["loss", "ppl", "bits_per_byte", "tokens"])
        {
            Assert.Equal(eval.GetProperty(name).GetDouble(), score.GetProperty(name).GetDouble());
        }

        double[] logprobs = LogProbabilities(score);
        Assert.Equal(eval.GetProperty("tokens").GetInt32(), logprobs.Length);
        Assert.Equal(-eval.GetProperty("loss").GetDouble(), logprobs.Average(), 1e-9);
    }

    [Fact]
    public void A_text_begins_and_ends_as_the_models_rows_do()
    {
        ProcessResult said = Score("--text", Text, "--show", "3", "--json").Expect(0);
        JsonElement score = said.Json, first = score.GetProperty("per_token")[0];
        string[] tokens = [.. score.GetProperty("per_token").EnumerateArray().Select(token => token.GetProperty("token").GetString()!)];

        Assert.Equal(Text + "<eos>", string.Concat(tokens));
        Assert.Equal(1, first.GetProperty("context").GetInt32()); // <bos>
        Assert.All(LogProbabilities(score), logprob => Assert.InRange(logprob, -20, 0));
        Assert.Equal(Math.Exp(-LogProbabilities(score).Average()), score.GetProperty("ppl").GetDouble(), 1e-6);
        Assert.Equal(1 + 1 + 3, said.Error.TrimEnd('\n').Split('\n').Length); // figures, the table's head, and three tokens
        Assert.StartsWith("perplexity ", said.Error, StringComparison.Ordinal);

        JsonElement open = Score("--text", Text, "--no-end", "--threads", "1", "--json").Expect(0).Json;
        Assert.Equal(LogProbabilities(score)[..^1], LogProbabilities(open));
    }

    [Fact]
    public void Of_two_continuations_the_likelier_is_told()
    {
        string[] texts = ["i walk", "zzzzzzzzzzzz"];
        ProcessResult said = Score("--prompt", "es:yo camino / en:", "--compare", texts[0], "--compare", texts[1], "--json").Expect(0);
        JsonElement[] compared = [.. said.Json.GetProperty("continuations").EnumerateArray()];

        Assert.Equal(texts, compared.Select(one => one.GetProperty("text").GetString()));
        Assert.Equal(0, said.Json.GetProperty("likelier").GetInt32());
        Assert.Contains("likelier: \"i walk\"", said.Error, StringComparison.Ordinal);
        Assert.All(compared, one =>
        {
            Assert.Equal(one.GetProperty("logprob").GetDouble(), LogProbabilities(one).Sum(), 1e-9);
            Assert.Equal(one.GetProperty("logprob_mean").GetDouble(), LogProbabilities(one).Average(), 1e-9);
        });
        double whole = LogProbabilities(Score("--text", Text, "--json").Expect(0).Json)[^LogProbabilities(compared[0]).Length..].Sum();
        Assert.False(compared[0].GetProperty("cuts_token").GetBoolean());
        Assert.Equal(whole, compared[0].GetProperty("logprob").GetDouble(), 1e-4);
    }

    [Fact]
    public void A_border_within_a_token_is_told()
    {
        // The letter before the border joins with what follows it, if any token of two letters is in the vocabulary.
        JsonElement tokens = Score("--text", Text, "--json").Expect(0).Json.GetProperty("per_token");
        string joined = tokens.EnumerateArray().Select(token => token.GetProperty("token").GetString()!)
            .First(token => token.Length > 1 && token[0] != '<');
        int border = Text.IndexOf(joined, StringComparison.Ordinal) + 1;

        ProcessResult said = Score("--prompt", Text[..border], "--compare", Text[border..], "--json").Expect(0);

        Assert.True(said.Json.GetProperty("continuations")[0].GetProperty("cuts_token").GetBoolean());
        Assert.Contains("are tokenized apart", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_models_folder_and_a_checkpoints_file_are_scored_alike()
    {
        string model = run.NewName();
        Directory.CreateDirectory(run.In(model));
        File.Copy(run.In("run/tokenizer.json"), run.In($"{model}/tokenizer.json"));
        File.Copy(run.In("run/checkpoints/best/weights.safetensors"), run.In($"{model}/weights.safetensors"));
        double[] Scored(params string[] named) =>
            LogProbabilities(run.Habla(["score", "--text", Text, "--no-end", "--json", .. named]).Expect(0).Json);

        double[] expected = Scored("--run", "run", "--checkpoint", "best");
        Assert.Equal(expected, Scored("--run", model));
        Assert.Equal(expected, Scored("--checkpoint", $"{model}/weights.safetensors"));
        Assert.Equal(expected, Scored("--checkpoint", "run/checkpoints/best/weights.safetensors"));
        Assert.Equal(expected, Scored("--checkpoint", "run/checkpoints/best"));
    }

    [Fact]
    public void Colours_are_for_terminals()
    {
        Assert.Contains("\u001b[", run.OnTerminal(80, "score", "--run", "run", "--text", "es:yo").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[", Score("--text", "es:yo").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is nothing to score", "--run", "run")]
    [InlineData("more than one thing", "--run", "run", "--text", "es:", "--file", "x")]
    [InlineData("--prompt needs --compare", "--run", "run", "--prompt", "es:")]
    [InlineData("--compare needs --prompt", "--run", "run", "--text", "es:", "--compare", "a")]
    [InlineData("--text is empty", "--run", "run", "--text", "")]
    [InlineData("no-such.jsonl", "--run", "run", "--file", "no-such.jsonl")]
    [InlineData("only a plain text", "--run", "run", "--file", Validation, "--stride", "4")]
    [InlineData("--stride 1000", "--run", "run", "--text", "es:", "--stride", "1000")]
    [InlineData("Name a model", "--text", "es:")]
    [InlineData("which run?", "--checkpoint", "best", "--text", "es:")]
    [InlineData("goes without --run", "--run", "run", "--checkpoint", "x/weights.safetensors", "--text", "es:")]
    [InlineData("no-such.safetensors: there is no such", "--checkpoint", "no-such.safetensors", "--text", "es:")]
    [InlineData("safetensors", "--checkpoint", "run/config.yaml", "--text", "es:")]
    public void Bad_input_is_refused(string named, params string[] options) => run.Refuses([named], ["score", .. options]);

    [Fact]
    public void A_text_that_is_longer_than_the_context_is_scored_in_windows_and_a_continuation_is_refused()
    {
        string longer = string.Concat(Enumerable.Repeat("i walk ", 40));
        Assert.Contains("tokens long, but the model scores", Score("--prompt", "es:", "--compare", longer).Expect(2).Error,
            StringComparison.Ordinal);

        double whole = Score("--text", longer, "--json").Expect(0).Json.GetProperty("tokens").GetDouble();
        double sliding = Score("--text", longer, "--stride", "4", "--json").Expect(0).Json.GetProperty("tokens").GetDouble();
        Assert.Equal(whole, sliding);
        Assert.True(whole > 64);
    }

    private static double[] LogProbabilities(JsonElement scored) =>
        [.. scored.GetProperty("per_token").EnumerateArray().Select(token => token.GetProperty("logprob").GetDouble())];

    private ProcessResult Score(params string[] options) => run.Habla(["score", "--run", "run", .. options]);
}
