using System.Text.Json;
using Habla.EndToEnd.Tests.Resuming;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>The third kind of data: from text files over a tokenizer to shards, and a model trained on them.</summary>
public sealed class ShardsTests : IDisposable
{
    private const string Recipe = """
        model: { family: gpt2, n_layer: 1, n_head: 2, d_model: 16, d_ff: 32, vocab_size: 60, max_seq_len: 16, dropout: 0.1 }
        tokenizer: { kind: bpe, vocab_size: 60 }
        data: { kind: shards, train_path: shards/train, val_path: shards/val }
        optimizer: { lr_max: 1.0e-2 }
        scheduler: { type: cosine, warmup_steps: 5, total_steps: 100 }
        training: { batch_size: 4, val_every: 7, log_every: 40 }
        checkpoint: { every: 1 }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _texts;

    public ShardsTests()
    {
        string[] lines = [.. File.ReadAllLines(Path.Combine(Repository.Root, "data", "sonnets.txt")).Where(line => line.Length > 0)];
        _texts = [.. lines.Select((_, i) => $"{i:D2}.txt")];
        for (int i = 0; i < lines.Length; i++)
        {
            File.WriteAllText(In(_texts[i]), lines[i] + "\n");
        }

        File.WriteAllText(In("tiny.yaml"), Recipe);
        Run(["tokenizer", "train", "--kind", "bpe", "--vocab-size", "60", "--out", "tokenizer.json", .. Inputs()]).Expect(0);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void From_texts_to_shards_to_a_model_that_can_be_stopped_and_gone_on_with()
    {
        JsonElement made = Encode("shards", "--val-fraction", "0.2", "--seed", "1", "--shard-tokens", "400", "--json").Expect(0).Json;
        JsonElement train = made.GetProperty("train"), validation = made.GetProperty("val");
        Assert.Equal(_texts.Length, train.GetProperty("documents").GetInt32() + validation.GetProperty("documents").GetInt32());
        Assert.Equal(0, made.GetProperty("leaks").GetInt32());
        Assert.InRange(train.GetProperty("bytes_per_token").GetDouble(), 0.9, 3);
        Assert.True(train.GetProperty("shards").GetInt32() > 1);

        JsonElement results = Train("whole", "--json").Expect(0).Json;
        Assert.True(results.GetProperty("ngram_baseline_val_ppl").GetDouble() > 1);
        Assert.InRange(results.GetProperty("val_ppl").GetDouble(), 2, 60);

        ProcessResult killed = HablaProcess.While(
            _folder.Path,
            process =>
            {
                TinyRun.Until(process, () => Lines("stopped") >= 5);
                process.Kill();
            },
            Arguments("stopped"));
        Assert.NotEqual(0, killed.ExitCode);
        Train("stopped", "--resume").Expect(0);
        Assert.All(
            (string[])["last/weights.safetensors", "last/optim.safetensors", "best/weights.safetensors"],
            file => Assert.Equal(
                Sha256.OfFile(In($"whole/checkpoints/{file}")), Sha256.OfFile(In($"stopped/checkpoints/{file}"))));

        JsonElement manifest = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(In("whole/manifest.json")));
        Assert.Equal(
            Sha256.OfFile(In("shards/train/shards.json")),
            manifest.GetProperty("data_sha256").GetProperty("shards/train/shards.json").GetString());
        Assert.True(Run("verify", "whole", "--json").Expect(0).Json.GetProperty("reproduced").GetBoolean());

        double valPpl = results.GetProperty("val_ppl").GetDouble();
        Assert.Equal(valPpl, Run("eval", "--run", "whole", "--json").Expect(0).Json.GetProperty("ppl").GetDouble(), 1e-6);
        Assert.Equal(valPpl, Run("eval", "--run", "whole", "--data", "shards/val", "--json").Expect(0).Json.GetProperty("ppl").GetDouble(), 1e-6);
        Run("eval", "--run", "whole", "--data", _texts[0]).Expect(0);
    }

    [Fact]
    public void Shards_of_another_tokenizer_are_refused_before_anything_is_written()
    {
        Encode("shards", "--val-fraction", "0.2", "--seed", "1").Expect(0);
        Run(["tokenizer", "train", "--kind", "bpe", "--vocab-size", "60", "--reserve", "0123456789", "--out", "other.json", .. Inputs()]).Expect(0);
        ProcessResult refused = Train("x", "--set", "tokenizer.path=other.json").Expect(2);
        Assert.Contains(Sha256.OfFile(In("other.json")), refused.Error, StringComparison.Ordinal);
        Assert.Contains(Sha256.OfFile(In("tokenizer.json")), refused.Error, StringComparison.Ordinal);
        Assert.Contains("split in two", Train("x", "--set", "data.train_path=shards").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("shards.json", Train("x", "--set", "data.train_path=nowhere").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("x")));
    }

    [Fact]
    public void Options_that_would_do_nothing_and_folders_of_plain_files_are_refused()
    {
        string[] train = ["tokenizer", "train", "--kind", "bpe", "--base", "bytes", "--vocab-size", "300", "--out", "bytes.json"];
        foreach (string option in (string[])["--val-fraction=0.1", "--seed=1", "--shard-tokens=5", "--force"])
        {
            string error = Run([.. train, option, .. Inputs()]).Expect(2).Error;
            Assert.Contains(option.Split('=')[0] + ": it goes with --shards DIR", error, StringComparison.Ordinal);
        }

        string include = Run([.. train, "--include", "all", "--shards", "s", .. Inputs()]).Expect(2).Error;
        Assert.Contains("--include all", include, StringComparison.Ordinal);
        Assert.Contains("habla ingest", Run([.. train, "--input", "."]).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("habla ingest", Run([.. train, "--shards", "s", "--input", "."]).Expect(2).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("bytes.json")) || Directory.Exists(In("s")));
        Run([.. train, .. Inputs()]).Expect(0);
    }

    [Fact]
    public void A_split_over_a_whole_leaves_nothing_of_it_and_different_splits_are_not_trained_on()
    {
        Encode("shards").Expect(0);
        Encode("shards", "--val-fraction", "0.2", "--seed", "1", "--force").Expect(0);
        Assert.Contains("split in two", Train("x", "--set", "data.train_path=shards").Expect(2).Error, StringComparison.Ordinal);
        Encode("other", "--val-fraction", "0.2", "--seed", "2").Expect(0);
        Encode("whole").Expect(0);
        Assert.Contains("different splits", Train("x", "--set", "data.val_path=other/val").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("both hold", Train("x", "--set", "data.train_path=whole").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("x")));
    }

    [Fact]
    public void Shards_say_what_they_hold_and_what_is_wrong_with_them()
    {
        Encode("shards").Expect(0);
        Encode("shards").Expect(2);
        Encode("z", "--shard-tokens", "0").Expect(2);
        Encode("shards", "--force").Expect(0);
        JsonElement told = Run("tokenizer", "shards", "shards", "--verify", "--token", "0", "--json").Expect(0).Json;
        Assert.Equal(_texts.Length, told.GetProperty("documents").GetInt32());
        Assert.Equal(_texts[0], told.GetProperty("document").GetString());
        Run("tokenizer", "shards", "shards", "--token", "1000000").Expect(2);

        string shard = In("shards/shard-00000.habla");
        byte[] bytes = File.ReadAllBytes(shard);
        bytes[5000] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Assert.Contains("damaged", Run("tokenizer", "shards", "shards", "--verify").Expect(2).Error, StringComparison.Ordinal);
        File.WriteAllBytes(shard, bytes[..^1]);
        Assert.Contains("cut off", Run("tokenizer", "shards", "shards").Expect(2).Error, StringComparison.Ordinal);
        Run("tokenizer", "encode", "--tokenizer", "tokenizer.json", "--out", "y").Expect(2);
        Run("tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", _texts[0]).Expect(2);
    }

    private string In(string name) => _folder.In(name);

    private string[] Inputs() => ["--input", .. _texts];

    private ProcessResult Encode(string output, params string[] options) =>
        Run(["tokenizer", "encode", "--tokenizer", "tokenizer.json", "--out", output, .. options, .. Inputs()]);

    private ProcessResult Train(string output, params string[] options) => HablaProcess.RunIn(_folder.Path, Arguments(output, options));

    private static string[] Arguments(string output, params string[] options) =>
        ["train", "--config", "tiny.yaml", "--out", output, "--threads", "1", .. options];

    private ProcessResult Run(params string[] arguments) => HablaProcess.RunIn(_folder.Path, arguments);

    private int Lines(string output)
    {
        try
        {
            string path = In($"{output}/train_log.jsonl");
            return File.Exists(path) ? File.ReadAllBytes(path).Count(value => value == (byte)'\n') : 0;
        }
        catch (IOException)
        {
            return 0; // being made right now
        }
    }
}
