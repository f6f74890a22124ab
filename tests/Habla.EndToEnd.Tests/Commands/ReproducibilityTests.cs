using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>A short real run gives the same weights however it is computed, and other weights from another seed.</summary>
public sealed class ReproducibilityTests : IClassFixture<ReproducibilityTests.FirstRun>
{
    private readonly FirstRun _first;

    public ReproducibilityTests(FirstRun first) => _first = first;

    [Theory]
    [InlineData("2", "")]
    [InlineData("8", "")]
    [InlineData("2", "DOTNET_EnableAVX512")]
    [InlineData("2", "DOTNET_EnableAVX2")]
    [InlineData("1", "DOTNET_EnableHWIntrinsic")]
    public void Threads_and_instruction_sets_change_no_bit(string threads, string switchedOff)
    {
        (string weights, int simdBits) = _first.Train(["--threads", threads], switchedOff);
        Assert.Equal(_first.Weights, weights);
        Assert.Equal(SimdBitsWithout(switchedOff), simdBits);
    }

    [Theory]
    [InlineData("training.rng_seed=43")]
    [InlineData("training.data_seed=8")]
    public void Another_seed_gives_other_weights(string setting) =>
        Assert.NotEqual(_first.Weights, _first.Train(["--set", setting]).Weights);

    /// <summary>How wide vectors have to be once a switch took effect; where the processor never had them, it changes nothing.</summary>
    private int SimdBitsWithout(string switchedOff) => switchedOff switch
    {
        "DOTNET_EnableAVX512" => Math.Min(_first.SimdBits, 256),
        "DOTNET_EnableAVX2" => Math.Min(_first.SimdBits, 128),
        "DOTNET_EnableHWIntrinsic" => 0,
        _ => _first.SimdBits,
    };

    /// <summary>The corpus, and the run that all others are held against: one thread, everything the processor has.</summary>
    public sealed class FirstRun : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private int _runs;

        public FirstRun()
        {
            HablaProcess.RunIn(_folder.Path, "corpus", "build", "--out", "corpus").Expect(0);
            (Weights, SimdBits) = Train(["--threads", "1"]);
        }

        public string Weights { get; }

        public int SimdBits { get; }

        public (string Weights, int SimdBits) Train(string[] options, string switchedOff = "")
        {
            string recipe = Path.Combine(Repository.Root, "configs", "verbs.yaml");
            string folder = $"run-{_runs++}";
            ProcessResult run = HablaProcess.RunIn(
                _folder.Path,
                switchedOff.Length == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { [switchedOff] = "0" },
                [
                    "train", "--config", recipe, "--out", folder, "--no-baseline", "--json",
                    "--set", "data.train_path=corpus/verbs_4/train.jsonl", "--set", "data.val_path=corpus/verbs_4/val.jsonl",
                    // Small, because without AVX2 a fused multiply-add is a call, and takes fifty times as long.
                    "--set", "scheduler.total_steps=4", "--set", "scheduler.warmup_steps=2", "--set", "model.n_layer=1",
                    "--set", "model.d_ff=64", .. options,
                ]).Expect(0);
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, folder, "manifest.json")));
            return (
                run.Json.GetProperty("weights_sha256").GetString()!,
                manifest.RootElement.GetProperty("hardware").GetProperty("simd_bits").GetInt32());
        }

        public void Dispose() => _folder.Dispose();
    }
}
