using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class GenerateCommandTests(TrainedRun run)
{
    private const string Prompt = "es:yo camino / en:";

    [Fact]
    public void A_continuation_as_text_ids_and_probabilities()
    {
        JsonElement said = Generate("--prompt", Prompt, "--max-tokens", "6", "--json").Expect(0).Json;

        JsonElement[] ids = [.. said.GetProperty("ids").EnumerateArray()], logprobs = [.. said.GetProperty("logprobs").EnumerateArray()];
        Assert.InRange(ids.Length, 1, 6);
        Assert.All(ids, id => Assert.InRange(id.GetInt32(), 0, 63));
        Assert.Equal(ids.Length, logprobs.Length);
        Assert.All(logprobs, logprob => Assert.InRange(logprob.GetDouble(), -20, 0));
        Assert.InRange(said.GetProperty("prompt_tokens").GetInt32(), 2, Prompt.Length + 1);
        Assert.True(said.GetProperty("tokens_per_s").GetDouble() > 0);

        ProcessResult plain = Generate("--prompt", Prompt, "--max-tokens", "6", "--threads", "1").Expect(0);
        Assert.Equal(Prompt + said.GetProperty("text").GetString() + "\n", plain.Output);
        Assert.Empty(plain.Error);
    }

    [Fact]
    public void The_same_seed_draws_the_same_text()
    {
        string Drawn(string seed) =>
            Generate("--prompt", Prompt, "--temperature", "1.5", "--top-k", "60", "--top-p", "0.99", "--seed", seed).Expect(0).Output;

        Assert.Equal(Drawn("1"), Drawn("1"));
        Assert.NotEqual(Drawn("1"), Drawn("2"));
    }

    [Fact]
    public void A_model_of_sentences_can_begin_from_nothing() =>
        Assert.Equal(1, Generate("--prompt", "", "--json").Expect(0).Json.GetProperty("prompt_tokens").GetInt32());

    [Fact]
    public void Strange_characters_are_reported() =>
        Assert.Contains("<unk>", Generate("--prompt", "es:😀", "--max-tokens", "1").Expect(0).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("--max-tokens -1", "--max-tokens", "-1")]
    [InlineData("--max-tokens", "--max-tokens", "many")]
    [InlineData("temperature: -1", "--temperature", "-1")]
    [InlineData("temperature: NaN", "--temperature", "NaN")]
    [InlineData("--temperature 1,5: expected a number such as 0.8", "--temperature", "1,5")]
    [InlineData("top-k: -1", "--top-k", "-1")]
    [InlineData("top-p: 0", "--top-p", "0")]
    [InlineData("top-p: 2", "--top-p", "2")]
    [InlineData("--seed", "--seed", "-1")]
    [InlineData("it has best, last", "--checkpoint", "step-7")]
    public void Bad_options_are_refused(string named, params string[] options) =>
        run.Refuses([named], ["generate", "--run", "run", "--prompt", "es:", .. options]);

    [Theory]
    [InlineData("checkpoints/last/weights.safetensors", 0)]
    [InlineData("checkpoints/last/weights.safetensors", 12)]
    [InlineData("checkpoints/last/weights.safetensors", 9_000)]
    [InlineData("tokenizer.json", 0)]
    [InlineData("config.yaml", 0)]
    public void A_damaged_file_is_refused_by_name(string file, int place)
    {
        string output = run.Copy();
        byte[] bytes = File.ReadAllBytes(run.In($"{output}/{file}"));
        bytes[place] ^= 0xff;
        File.WriteAllBytes(run.In($"{output}/{file}"), bytes);

        run.Refuses([$"{output}/{file}"], "generate", "--run", output, "--prompt", "es:");
    }

    [Fact]
    public void Another_tokenizer_than_the_one_trained_with_is_refused()
    {
        string output = run.Copy(), file = $"{output}/tokenizer.json";
        string text = File.ReadAllText(run.In(file));
        string swapped = text.Replace("\"k\": ", "#", StringComparison.Ordinal)
            .Replace("\"l\": ", "\"k\": ", StringComparison.Ordinal).Replace("#", "\"l\": ", StringComparison.Ordinal);
        Assert.NotEqual(text, swapped);
        File.WriteAllText(run.In(file), swapped);
        run.Refuses([file, "not the tokenizer the run was trained with"], "generate", "--run", output, "--prompt", "es:");
    }

    [Fact]
    public void A_run_without_a_checkpoint_is_refused()
    {
        string output = run.NewName();
        Directory.CreateDirectory(run.In(output));
        File.Copy(run.In("run/manifest.json"), run.In($"{output}/manifest.json"));

        run.Refuses([output, "it has none yet"], "generate", "--run", output, "--prompt", "es:");
        run.Refuses(["no-such"], "generate", "--run", "no-such", "--prompt", "es:");
    }

    private ProcessResult Generate(params string[] options) => run.Habla(["generate", "--run", "run", .. options]);
}
