using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class VerifyCommandTests(TrainedRun run)
{
    [Theory]
    [InlineData("1", "")]
    [InlineData("3", "")]
    [InlineData("2", "DOTNET_EnableAVX512")]
    public void A_run_is_reproduced_with_other_threads_and_instructions_and_only_read(string threads, string switchedOff)
    {
        SortedDictionary<string, string> before = run.Contents();

        Dictionary<string, string> environment = switchedOff.Length == 0 ? [] : new() { [switchedOff] = "0" };
        ProcessResult answer = run.HablaWith(environment, "verify", "run", "--threads", threads, "--json").Expect(0);

        Assert.True(answer.Json.GetProperty("reproduced").GetBoolean());
        Assert.Equal(run.Weights, answer.Json.GetProperty("weights_sha256").GetString());
        Assert.Equal((20, 20), (Number(answer.Json, "steps"), Number(answer.Json, "log_lines")));
        Assert.Equal(
            ["best", "last"],
            answer.Json.GetProperty("checkpoints").EnumerateArray().Select(one => one.GetProperty("name").GetString()).Order());
        Assert.EndsWith("\nreproduced: 20 steps, 2 checkpoints, every bit\n", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, run.Contents());
    }

    [Fact]
    public void Only_the_first_steps_are_replayed_when_few_are_asked_for()
    {
        ProcessResult answer = run.Habla("verify", "run", "--steps", "3", "--json").Expect(0);

        Assert.Equal((3, 20, 3), (Number(answer.Json, "steps"), Number(answer.Json, "recorded_steps"), Number(answer.Json, "log_lines")));
        Assert.Empty(answer.Json.GetProperty("checkpoints").EnumerateArray());
        Assert.Contains("warning: the run has kept no weights up to step 3", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("\nreproduced: 3 steps, by the log alone\n", answer.Error, StringComparison.Ordinal);
        Assert.Contains("all of them are replayed", run.Habla("verify", "run", "--steps", "21").Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_in_a_checkpoint_exits_1_and_names_step_tensor_and_place()
    {
        string spoilt = run.Copy(), weights = run.In($"{spoilt}/checkpoints/last/weights.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 64; // in the exponent of the last number of the last tensor
        File.WriteAllBytes(weights, bytes);
        (string tensor, int[] shape) = LastTensor(bytes);

        ProcessResult answer = run.Habla("verify", spoilt, "--json").Expect(1);

        Assert.False(answer.Json.GetProperty("reproduced").GetBoolean());
        Assert.Equal(run.Weights, answer.Json.GetProperty("weights_sha256").GetString());
        Assert.True(answer.Json.GetProperty("only_damaged_later").GetBoolean());
        Assert.Equal(tensor, answer.Json.GetProperty("tensor").GetString());
        string place = $"{tensor}[{string.Join(", ", shape.Select(size => size - 1))}]";
        Assert.Contains($"\nlast, step 20: NOT reproduced: weights.safetensors: {place} is ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("the file was changed or damaged after it was saved", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("\nthe training is reproduced, but checkpoint last is damaged: restore last from best, which is of the same step\n",
            answer.Error, StringComparison.Ordinal);
        run.Habla("verify", spoilt, "--steps", "9").Expect(0);
    }

    [Fact]
    public void Weights_that_were_cut_are_damage_and_no_verdict_on_the_training()
    {
        string spoilt = run.Copy(), weights = run.In($"{spoilt}/checkpoints/last/weights.safetensors");
        using (FileStream file = File.OpenWrite(weights))
        {
            file.SetLength(file.Length / 2);
        }

        ProcessResult answer = run.Habla("verify", spoilt, "--json").Expect(1);

        Assert.Equal(JsonValueKind.Null, Kind(answer.Json, "differs_at_step"));
        Assert.Contains("\nmanifest.json, weights of step 20: reproduced\n", answer.Error, StringComparison.Ordinal);
        Assert.Contains("\nthe training is reproduced, but checkpoint last is damaged: ", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".;", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("weights differ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_was_saved_with_other_weights_names_the_steps_between()
    {
        string spoilt = run.Copy(), folder = run.In($"{spoilt}/checkpoints/last"), weights = $"{folder}/weights.safetensors";
        string before = Sha256.OfFile(weights);
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 64;
        File.WriteAllBytes(weights, bytes);
        File.WriteAllText($"{folder}/COMPLETE",
            File.ReadAllText($"{folder}/COMPLETE").Replace(before, Sha256.OfFile(weights), StringComparison.Ordinal));

        ProcessResult answer = run.Habla("verify", spoilt, "--json").Expect(1);

        Assert.Equal(20, Number(answer.Json, "differs_at_step"));
        Assert.Matches("\nNOT reproduced: the weights differ between step \\d+ and step 20, first in tensor .*; "
            + "every line of the log up to there agrees\n$", answer.Error);
    }

    [Fact]
    public void A_line_of_the_log_that_differs_exits_1_and_names_the_step()
    {
        string spoilt = run.Copy(), log = run.In($"{spoilt}/train_log.jsonl");
        string[] lines = File.ReadAllLines(log);
        string number = JsonSerializer.Deserialize<JsonElement>(lines[6]).GetProperty("loss").GetRawText();
        lines[6] = lines[6].Replace($"\"loss\":{number}", "\"loss\":4.5", StringComparison.Ordinal);
        File.WriteAllText(log, string.Join('\n', lines) + "\n");

        ProcessResult answer = run.Habla("verify", spoilt, "--json").Expect(1);

        JsonElement difference = answer.Json.GetProperty("log_difference");
        Assert.Equal((7, "loss", 4.5),
            (Number(difference, "step"), difference.GetProperty("field").GetString(), difference.GetProperty("recorded").GetDouble()));
        Assert.Equal(number, difference.GetProperty("replayed").GetRawText());
        Assert.Contains(
            $"step 7 is the first that differs: its loss is 4.5, the replay has {number}\n", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("\nNOT reproduced: step 7 is the first that differs\n", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_interrupted_and_resumed_is_reproduced_both_times()
    {
        // Long enough that a signal sent after the first step finds it at work.
        string output = run.NewName();
        string[] settings = ["--set", "scheduler.total_steps=400", "--set", "training.val_every=200", "--threads", "1"];
        run.Interrupt("INT", output, settings).Expect(130);
        int done = run.Log(output).Length;
        JsonElement half = run.Habla("verify", output, "--json").Expect(0).Json;
        run.Train(output, [.. settings, "--resume"]).Expect(0);
        JsonElement whole = run.Habla("verify", output, "--json").Expect(0).Json;

        Assert.Equal(done, Number(half, "steps"));
        Assert.Equal((400, 400), (Number(whole, "steps"), Number(whole, "log_lines")));
        Assert.All((JsonElement[])[half, whole], answer => Assert.True(answer.GetProperty("reproduced").GetBoolean()));
        Assert.Equal(
            Sha256.OfFile(run.In($"{output}/checkpoints/last/weights.safetensors")), whole.GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void Data_that_has_changed_or_gone_is_refused_with_both_hashes()
    {
        string output = run.NewName(), data = run.NewName() + ".jsonl";
        File.Copy(run.In("corpus/verbs_4/train.jsonl"), run.In(data));
        run.Train(output, "--set", $"data.train_path={data}", "--set", "scheduler.total_steps=2").Expect(0);
        string before = Sha256.OfFile(run.In(data));

        File.WriteAllLines(run.In(data), File.ReadLines(run.In(data)).Skip(1).ToList());
        run.Refuses([data, before, Sha256.OfFile(run.In(data)), "put the original back"], "verify", output, "--json");
        File.Delete(run.In(data));
        run.Refuses([data, before, "not there"], "verify", output);
    }

    [Fact]
    public void A_run_of_another_version_is_replayed_with_a_warning()
    {
        string other = run.Copy(), manifest = run.In($"{other}/manifest.json");
        string version = run.Json($"{other}/manifest.json").GetProperty("versions").GetProperty("habla").GetString()!;
        File.WriteAllText(
            manifest, File.ReadAllText(manifest).Replace($"\"habla\": \"{version}\"", "\"habla\": \"0.0.9\"", StringComparison.Ordinal));

        Assert.Contains("warning: the run was made by Habla 0.0.9", run.Habla("verify", other, "--steps", "10").Expect(0)
            .Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_run_and_impossible_numbers_are_refused()
    {
        run.Refuses(["corpus", "there is no run here"], "verify", "corpus");
        run.Refuses(["--steps 0: expected a whole number of at least 1"], "verify", "run", "--steps", "0");
        run.Refuses(["--steps all: expected a whole number"], "verify", "run", "--steps", "all");
        run.Refuses(["RUN is empty"], "verify", "");
        run.Refuses(["Required argument missing"], "verify");
    }

    private static JsonValueKind Kind(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.ValueKind : JsonValueKind.Null;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    /// <summary>The tensor that ends a safetensors file, by other code than Habla's own.</summary>
    private static (string Name, int[] Shape) LastTensor(byte[] file)
    {
        JsonElement header = JsonSerializer.Deserialize<JsonElement>(file.AsSpan(8, (int)BitConverter.ToInt64(file)));
        JsonProperty last = header.EnumerateObject().Where(entry => entry.Name != "__metadata__")
            .MaxBy(entry => entry.Value.GetProperty("data_offsets")[1].GetInt64());
        return (last.Name, [.. last.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())]);
    }
}
