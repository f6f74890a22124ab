using System.Globalization;
using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>The family llama from the command line: one override away from a recipe of another family, and as reproducible.</summary>
public sealed class LlamaTests : IDisposable
{
    private const string Recipe = """
        model: { family: gpt2, n_layer: 2, n_head: 4, d_model: 32, d_ff: 48, vocab_size: 50, max_seq_len: 24, dropout: 0.1 }
        tokenizer: { kind: char, vocab_size: 50 }
        data: { kind: windows, train_path: sonnets.txt, stride: 24, val_fraction: 0.1 }
        optimizer: { lr_max: 1.0e-2 }
        scheduler: { type: cosine, warmup_steps: 5, total_steps: 40 }
        training: { batch_size: 8, val_every: 20, log_every: 10 }
        """;

    private readonly TemporaryFolder _folder = new();

    public LlamaTests()
    {
        File.Copy(Path.Combine(Repository.Root, "data", "sonnets.txt"), _folder.In("sonnets.txt"));
        File.WriteAllText(_folder.In("recipe.yaml"), Recipe);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_trained_verified_evaluated_and_speaks()
    {
        JsonElement trained = Train("run", "--threads", "1").Expect(0).Json;
        string hash = trained.GetProperty("weights_sha256").GetString()!;
        string config = File.ReadAllText(_folder.In("run/config.yaml"));
        foreach (string line in (string[])
            ["family: llama", "n_kv_head: 2", "norm: rmsnorm", "activation: swiglu", "tie_embeddings: false", "attention_bias: false"])
        {
            Assert.Contains($"\n  {line}\n", config, StringComparison.Ordinal);
        }

        double[] losses = [.. File.ReadLines(_folder.In("run/train_log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => line.GetProperty("loss").GetDouble())];
        Assert.True(losses[^1] < losses[0] - 0.7, string.Create(CultureInfo.InvariantCulture, $"from {losses[0]} to {losses[^1]}"));

        JsonElement verified = Habla(new() { ["DOTNET_EnableAVX512"] = "0" }, "verify", "run", "--threads", "3", "--json").Expect(0).Json;
        Assert.True(verified.GetProperty("reproduced").GetBoolean());
        Assert.Equal(hash, verified.GetProperty("weights_sha256").GetString());

        JsonElement evaluated = Habla([], "eval", "--run", "run", "--reference", "--json").Expect(0).Json;
        Assert.Equal(evaluated.GetProperty("reference_loss").GetDouble(), evaluated.GetProperty("loss").GetDouble(), 1e-5);
        Assert.InRange(evaluated.GetProperty("reference_largest_logit_difference").GetDouble(), 0, 1e-4);
        JsonElement spoken = Habla([], "generate", "--run", "run", "--prompt", "Shall I", "--max-tokens", "30", "--json").Expect(0).Json;
        Assert.NotEmpty(spoken.GetProperty("text").GetString()!);
    }

    [Fact]
    public void It_trains_in_16_bits()
    {
        Train("half", "--set", "training.precision=bf16").Expect(0);
        Assert.True(Habla([], "verify", "half", "--threads", "2", "--json").Expect(0).Json.GetProperty("reproduced").GetBoolean());
    }

    [Fact]
    public void Heads_that_cannot_be_shared_are_refused_by_their_key()
    {
        ProcessResult refused = Train("none", "--set", "model.n_kv_head=3");
        refused.Expect(2);
        Assert.Contains("model.n_kv_head: 3 does not divide model.n_head 4", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("none")));
    }

    private ProcessResult Train(string output, params string[] options) => Habla(
        [],
        [
            "train", "--config", "recipe.yaml", "--out", output, "--no-baseline", "--json", "--set", "model.family=llama",
            "--set", "model.n_kv_head=2", .. options,
        ]);

    private ProcessResult Habla(Dictionary<string, string> environment, params string[] arguments) =>
        HablaProcess.RunIn(_folder.Path, environment, arguments);
}
