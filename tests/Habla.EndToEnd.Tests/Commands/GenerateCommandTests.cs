using System.Globalization;
using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class GenerateCommandTests(TrainedRun run)
{
    private const string Prompt = "es:yo camino / en:", Weights = "run/checkpoints/last/weights.safetensors";

    /// <summary>The token that ends a sentence is forbidden, so that the text goes on past the context.</summary>
    private static readonly string[] Endless = ["--prompt", Prompt, "--max-tokens", "50", "--logit-bias", "2=-inf"];

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
    [InlineData("min-p: 1.5", "--min-p", "1.5")]
    [InlineData("repetition-penalty: 0", "--repetition-penalty", "0")]
    [InlineData("frequency-penalty: 1000", "--frequency-penalty", "1000")]
    [InlineData("presence-penalty: NaN", "--presence-penalty", "NaN")]
    [InlineData("--logit-bias 7: expected ID=VALUE", "--logit-bias", "7")]
    [InlineData("--logit-bias x=1: expected ID=VALUE", "--logit-bias", "x=1")]
    [InlineData("--logit-bias 7=2: token 7 has a value already", "--logit-bias", "7=1", "--logit-bias", "7=2")]
    [InlineData("logit-bias: token 64 is not in the model's vocabulary, which is 0 to 63", "--logit-bias", "64=1")]
    [InlineData("stop-token: token 64 is not in the model's vocabulary, which is 0 to 63", "--stop-token", "64")]
    [InlineData("stop-token: token -1", "--stop-token", "-1")]
    [InlineData("--stop is empty", "--stop", "")]
    [InlineData("--n 0: expected a whole number from 1", "--n", "0")]
    [InlineData("--quantize q4: expected q8_0 or fp16", "--quantize", "q4")]
    public void Bad_options_are_refused(string named, params string[] options) =>
        run.Refuses([named], ["generate", "--run", "run", "--prompt", "es:", .. options]);

    [Theory]
    [InlineData("--top-k narrows a draw, but at temperature 0", "--prompt", "es:", "--top-k", "5")]
    [InlineData("--top-p narrows a draw", "--prompt", "es:", "--top-p", "0.9", "--temperature", "0")]
    [InlineData("--min-p narrows a draw", "--prompt", "es:", "--min-p", "0.1")]
    [InlineData("--n 2: at temperature 0 all texts are the same", "--prompt", "es:", "--n", "2")]
    [InlineData("--n 2: --stream shows one text", "--prompt", "es:", "--n", "2", "--temperature", "1", "--stream")]
    [InlineData("--stream writes text while it comes, --json", "--prompt", "es:", "--json", "--stream")]
    [InlineData("--prompt and --prompt-file are two prompts", "--prompt", "es:", "--prompt-file", "corpus/manifest.json")]
    [InlineData("what is to be continued? Give --prompt TEXT")]
    [InlineData("--prompt-file: cannot read no-such", "--prompt-file", "no-such")]
    [InlineData("--prompt-file: cannot read run", "--prompt-file", "run")]
    [InlineData("--prompt-file: run/checkpoints/last/weights.safetensors is not UTF-8", "--prompt-file", Weights)]
    [InlineData("tokens long, but the model reads 32 at most", "--prompt", "es:yo camino / en:I walk es:yo camino / en:I walk es:yo camino")]
    public void What_contradicts_itself_or_is_not_there_is_refused(string named, params string[] options) =>
        run.Refuses([named], ["generate", "--run", "run", .. options]);

    [Fact]
    public void The_first_of_several_texts_is_the_one_that_comes_alone_with_and_without_the_cache()
    {
        string[] drawn = ["--prompt", Prompt, "--temperature", "1.2", "--top-k", "40", "--min-p", "0.01", "--seed", "9", "--max-tokens", "12"];
        JsonElement one = Generate([.. drawn, "--json"]).Expect(0).Json, many = Generate([.. drawn, "--json", "--n", "4"]).Expect(0).Json;
        JsonElement[] samples = [.. many.GetProperty("samples").EnumerateArray()];
        Assert.False(one.TryGetProperty("samples", out _));
        Assert.Equal(4, samples.Length);
        foreach (string name in (string[])["text", "ids", "logprobs", "end"])
        {
            Assert.Equal(one.GetProperty(name).GetRawText(), many.GetProperty(name).GetRawText());
            Assert.Equal(one.GetProperty(name).GetRawText(), samples[0].GetProperty(name).GetRawText());
        }

        Assert.True(samples.Select(sample => sample.GetProperty("text").GetString()).Distinct().Count() > 1);
        string text = one.GetProperty("text").GetString()!;
        Assert.Equal(Prompt + text + "\n", Generate([.. drawn, "--no-cache", "--threads", "1"]).Expect(0).Output);
        Assert.Equal(Prompt + text + "\n", Generate([.. drawn, "--stream"]).Expect(0).Output);
        string[] said = Generate([.. drawn, "--n", "4"]).Expect(0).Output.Split('\n');
        Assert.Equal(["--- 1 of 4", Prompt + text, "--- 2 of 4"], said[..3]);
    }

    [Fact]
    public void A_text_ends_before_a_stop_string_and_a_stop_token()
    {
        JsonElement free = Generate([.. Endless, "--json"]).Expect(0).Json;
        string text = free.GetProperty("text").GetString()!;
        string stop = text.Substring(3, 2);
        int[] ids = [.. free.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

        JsonElement stopped = Generate([.. Endless, "--stop", "never", "--stop", stop, "--json"]).Expect(0).Json;
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], stopped.GetProperty("text").GetString());
        Assert.Equal("stop_text", stopped.GetProperty("end").GetString());
        Assert.Equal(
            Prompt + stopped.GetProperty("text").GetString() + "\n", Generate([.. Endless, "--stop", stop, "--stream"]).Expect(0).Output);

        JsonElement before = Generate([.. Endless, "--stop-token", $"{ids[4]}", "--json"]).Expect(0).Json;
        Assert.Equal("stop_token", before.GetProperty("end").GetString());
        Assert.Equal(ids[..Array.IndexOf(ids, ids[4])], before.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    public void Past_the_context_it_says_that_the_beginning_is_forgotten()
    {
        ProcessResult said = Generate(Endless).Expect(0);
        Assert.Contains("habla: the model sees 32 tokens at most: ", said.Error, StringComparison.Ordinal);
        Assert.Contains("all but the last 16 were forgotten", said.Error, StringComparison.Ordinal);
        JsonElement json = Generate([.. Endless, "--json"]).Expect(0).Json;
        Assert.InRange(json.GetProperty("window_slides").GetInt32(), 2, 3);
        Assert.Equal("maximum_tokens", json.GetProperty("end").GetString());
    }

    [Fact]
    public void A_prompt_comes_from_a_file_or_standard_input_without_its_last_line_end()
    {
        string file = run.NewName();
        File.WriteAllText(run.In(file), "\uFEFF" + Prompt + "\n");
        string expected = Generate("--prompt", Prompt).Expect(0).Output;
        Assert.Equal(expected, Generate("--prompt-file", file).Expect(0).Output);
        Assert.Equal(expected, run.Pasted($"echo '{Prompt}' | habla generate --run run --prompt-file -").Expect(0).Output);
        Assert.Equal(expected, run.Pasted($"habla generate --checkpoint {Weights} --prompt '{Prompt}'").Expect(0).Output);
    }

    [Fact]
    public void Probabilities_are_listed_for_people()
    {
        JsonElement json = Generate("--prompt", Prompt, "--max-tokens", "3", "--json").Expect(0).Json;
        string[] lines = Generate("--prompt", Prompt, "--max-tokens", "3", "--logprobs").Expect(0).Error.TrimEnd('\n').Split('\n');
        Assert.Equal(["token", "id", "logprob", "probability"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(
            json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32().ToString(CultureInfo.InvariantCulture)),
            lines[1..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^3]));
    }

    [Theory]
    [InlineData("q8_0")]
    [InlineData("fp16")]
    public void Weights_in_fewer_bits_say_something_as_well(string format) => Assert.StartsWith(
        Prompt, Generate("--prompt", Prompt, "--max-tokens", "5", "--quantize", format).Expect(0).Output, StringComparison.Ordinal);

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
