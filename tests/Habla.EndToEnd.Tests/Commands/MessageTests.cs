namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What is said can be acted on as it stands.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class MessageTests(TrainedRun run)
{
    [Theory]
    [InlineData("--max-tokens 1e9: expected a whole number", "generate", "--run", "run", "--prompt", "x", "--max-tokens", "1e9")]
    [InlineData("--seed -1: expected a whole number of at least 0", "generate", "--run", "run", "--prompt", "x", "--seed", "-1")]
    [InlineData("--compare needs --prompt", "score", "--run", "run", "--compare", "a", "--compare", "b")]
    [InlineData("--show -1: expected a whole number of at least 0", "score", "--run", "run", "--text", "es", "--show", "-1")]
    [InlineData("nowhere is not there", "import", "nowhere", "--out", "imported")]
    [InlineData("run/tokenizer.json is a file", "import", "run/tokenizer.json", "--out", "imported")]
    public void What_is_wrong_is_said_in_plain_words(string said, params string[] arguments)
    {
        string error = run.Habla(arguments).Expect(2).Error;
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_to_go_on_with_can_be_pasted()
    {
        string output = $"{run.NewName()} it's";
        string error = run.Interrupt(
            "INT", output, "--set", "scheduler.total_steps=2000", "--set", "training.val_every=2000", "--no-preflight").Expect(130).Error;
        string quoted = output.Replace("'", "'\\''", StringComparison.Ordinal);
        string line = error.TrimEnd('\n').Split('\n')[^1];
        Assert.Equal(
            $"go on with: habla train --resume --out '{quoted}' --config '{quoted}/config.yaml' --no-baseline", line);

        Assert.Contains($"the run is in {output}", run.Pasted(line["go on with: ".Length..]).Expect(0).Error, StringComparison.Ordinal);
        Assert.Equal(2000, run.Log(output).Length);
    }

    [Fact]
    public void A_run_that_was_killed_is_listed_as_killed_until_somebody_goes_on_with_it()
    {
        string killed = run.Copy(), manifest = run.In($"{killed}/manifest.json");
        File.WriteAllText(
            manifest, File.ReadAllText(manifest).Replace("\"status\": \"finished\"", "\"status\": \"running\"", StringComparison.Ordinal));
        File.WriteAllText(run.In($"{killed}/.habla.lock"), "");

        ProcessResult listed = run.Habla("runs", "list", killed, "--json").Expect(0);

        Assert.Matches($"(?m)^{killed} +killed +20 ", listed.Error);
        Assert.True(listed.Json.GetProperty("runs")[0].GetProperty("killed").GetBoolean());
        using (new FileStream(run.In($"{killed}/.habla.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Matches($"(?m)^{killed} +running +20 ", run.Habla("runs", "list", killed).Expect(0).Error);
        }
    }

    [Fact]
    public void A_perplexity_that_ran_away_is_a_power_of_ten()
    {
        string astray = run.Copy(), results = run.In($"{astray}/results.json");
        string number = run.Json($"{astray}/results.json").GetProperty("val_ppl").GetRawText();
        File.WriteAllText(
            results, File.ReadAllText(results).Replace($"\"val_ppl\": {number}", "\"val_ppl\": 1.5e200", StringComparison.Ordinal));

        Assert.Contains(" 1.5e+200 ", run.Habla("runs", "list", astray).Expect(0).Error, StringComparison.Ordinal);
        Assert.Matches("validation perplexity .* 1.5e\\+200 ", run.Habla("runs", "compare", "run", astray).Expect(0).Error);
    }

    [Fact]
    public void A_cut_checkpoint_names_one_that_is_whole()
    {
        string cut = run.Copy();
        File.WriteAllBytes(run.In($"{cut}/checkpoints/last/weights.safetensors"), [1, 2, 3]);

        run.Refuses(["use another checkpoint: best is whole"], "eval", "--run", cut);
        run.Habla("eval", "--run", cut, "--checkpoint", "best").Expect(0);
    }

    [Fact]
    public void A_run_is_named_with_or_without_the_option()
    {
        run.Habla("verify", "--run", "run", "--steps", "2").Expect(0);
        run.Refuses(["give one of them"], "verify", "run", "--run", "run");
        run.Refuses(["Required argument missing"], "plot");
        run.Refuses(["--run is empty"], "plot", "--run", "");
        run.Refuses(["no run here"], "plot", "--run", "corpus");
    }

    [Fact]
    public void A_place_where_nothing_can_be_written_is_refused_once()
    {
        string file = run.NewName() + ".yaml";
        File.WriteAllText(run.In(file), "name: two\nconfig: small.yaml\nruns: [{model.n_layer: 1}, {model.n_layer: 2}]\n");

        ProcessResult answer = run.Habla("experiment", file, "--out", "small.yaml").Expect(2);

        Assert.Single(answer.Error.Split('\n'), line => line.Contains("small.yaml is a file", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void The_live_line_fits_the_terminal(int width)
    {
        string output = run.NewName();

        string shown = run.OnTerminal(width, "train", "--config", "small.yaml", "--out", output, "--no-baseline").Expect(0).Output;

        string[] drawn = [.. shown.Split("\e[?7l").Skip(1).Select(text => text[..text.IndexOf("\e[?7h", StringComparison.Ordinal)])];
        Assert.NotEmpty(drawn);
        Assert.All(drawn, line => Assert.InRange(line.Length, 1, width - 1));
        Assert.Contains("20/20  loss ", drawn[^1], StringComparison.Ordinal);
        Assert.Equal(width == 120, drawn[^1].Contains("tokens/s", StringComparison.Ordinal));
        Assert.Equal(width >= 80, drawn[^1].Contains("norm", StringComparison.Ordinal));
    }
}
