using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>
/// Real runs of both model families, each in a process of its own, end with the same weights however they are computed, and with
/// other weights from another seed. Dropout is on, sentences are padded, windows are not.
/// </summary>
/// <remarks>
/// The number of threads also decides how the eight micro-batches of a step are dealt out: one thread takes all eight of the verbs in
/// a pass, two take four, three take two, eight take one each.
/// </remarks>
public sealed class ReproducibilityTests : IClassFixture<ReproducibilityTests.FirstRuns>
{
    private readonly FirstRuns _first;

    public ReproducibilityTests(FirstRuns first) => _first = first;

    /// <summary>Of the recipes in configs/: the model of verbs.yaml as it is, that of sonnets.yaml with half of its blocks.</summary>
    public enum Recipe
    {
        /// <summary>minigpt: rotary positions, GELU by the error function.</summary>
        Verbs,

        /// <summary>gpt2: learned positions, GELU by tanh.</summary>
        Sonnets,

        /// <summary>20 steps, for a machine that has to compute fused multiply-adds in software, which takes fifty times as long.</summary>
        FewVerbs,

        /// <summary>3 steps of small batches, for the same.</summary>
        FewSonnets,

        /// <summary>4 steps with activations in bfloat16.</summary>
        FewVerbsInBf16,

        /// <summary>4 steps with activations in binary16.</summary>
        FewVerbsInFp16,
    }

    /// <summary>200 steps.</summary>
    public static TheoryData<Recipe, string, string> Long => Each(
        [Recipe.Verbs, Recipe.Sonnets], ("2", ""), ("3", ""), ("8", ""), ("2", "DOTNET_EnableAVX512"));

    /// <summary>Fused multiply-adds in software; the runtime's switch for AVX2 takes them with it.</summary>
    public static TheoryData<Recipe, string, string> InSoftware => Each(
        [Recipe.FewVerbs, Recipe.FewSonnets], ("2", "DOTNET_EnableAVX2"), ("2", "DOTNET_EnableHWIntrinsic"));

    public static TheoryData<Recipe, string, string> In16Bits => Each(
        [Recipe.FewVerbsInBf16, Recipe.FewVerbsInFp16], ("2", ""), ("3", "DOTNET_EnableAVX512"), ("1", "DOTNET_EnableHWIntrinsic"));

    [Theory]
    [MemberData(nameof(Long))]
    [MemberData(nameof(InSoftware))]
    [MemberData(nameof(In16Bits))]
    public void Threads_and_instruction_sets_change_no_bit(Recipe recipe, string threads, string switchedOff)
    {
        (string expected, int widest) = _first.Of(recipe);
        (string weights, int simdBits) = _first.Train(recipe, ["--threads", threads], switchedOff);
        Assert.Equal(expected, weights);
        Assert.Equal(SimdBitsWithout(switchedOff, widest), simdBits);
    }

    [Fact]
    public void The_two_formats_of_16_bits_give_weights_of_their_own() =>
        Assert.NotEqual(_first.Of(Recipe.FewVerbsInBf16).Weights, _first.Of(Recipe.FewVerbsInFp16).Weights);

    [Theory]
    [InlineData(Recipe.FewVerbs, "training.rng_seed=43")]
    [InlineData(Recipe.FewVerbs, "training.data_seed=8")]
    [InlineData(Recipe.FewVerbs, "model.dropout=0")]
    [InlineData(Recipe.FewSonnets, "training.rng_seed=43")]
    [InlineData(Recipe.FewSonnets, "training.data_seed=8")]
    [InlineData(Recipe.FewSonnets, "model.dropout=0")]
    public void Another_seed_and_no_dropout_give_other_weights(Recipe recipe, string setting) =>
        Assert.NotEqual(_first.Of(recipe).Weights, _first.Train(recipe, ["--set", setting]).Weights);

    private static TheoryData<Recipe, string, string> Each(Recipe[] recipes, params (string Threads, string SwitchedOff)[] ways)
    {
        var data = new TheoryData<Recipe, string, string>();
        foreach (Recipe recipe in recipes)
        {
            Array.ForEach(ways, way => data.Add(recipe, way.Threads, way.SwitchedOff));
        }

        return data;
    }

    /// <summary>How wide vectors have to be once a switch took effect; where the processor never had them, it changes nothing.</summary>
    private static int SimdBitsWithout(string switchedOff, int widest) => switchedOff switch
    {
        "DOTNET_EnableAVX512" => Math.Min(widest, 256),
        "DOTNET_EnableAVX2" => Math.Min(widest, 128),
        "DOTNET_EnableHWIntrinsic" => 0,
        _ => widest,
    };

    /// <summary>The corpus, and the runs that all others are held against: one thread, everything the processor has.</summary>
    public sealed class FirstRuns : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Dictionary<Recipe, (string Weights, int SimdBits)> _done = [];
        private int _runs;

        public FirstRuns() => HablaProcess.RunIn(_folder.Path, "corpus", "build", "--out", "corpus").Expect(0);

        public (string Weights, int SimdBits) Of(Recipe recipe)
        {
            if (!_done.TryGetValue(recipe, out (string Weights, int SimdBits) run))
            {
                _done.Add(recipe, run = Train(recipe, ["--threads", "1"]));
            }

            return run;
        }

        public (string Weights, int SimdBits) Train(Recipe recipe, string[] options, string switchedOff = "")
        {
            string folder = $"run-{_runs++}";
            bool verbs = recipe is not (Recipe.Sonnets or Recipe.FewSonnets);
            ProcessResult run = HablaProcess.RunIn(
                _folder.Path,
                switchedOff.Length == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { [switchedOff] = "0" },
                [
                    "train", "--config", Path.Combine(Repository.Root, "configs", verbs ? "verbs.yaml" : "sonnets.yaml"),
                    "--out", folder, "--no-baseline", "--json", .. Settings(recipe).SelectMany(one => (string[])["--set", one]), .. options,
                ]).Expect(0);
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, folder, "manifest.json")));
            return (
                run.Json.GetProperty("weights_sha256").GetString()!,
                manifest.RootElement.GetProperty("hardware").GetProperty("simd_bits").GetInt32());
        }

        public void Dispose() => _folder.Dispose();

        private static string[] Settings(Recipe recipe)
        {
            string[] verbs = ["data.train_path=corpus/verbs_4/train.jsonl", "data.val_path=corpus/verbs_4/val.jsonl"];
            string[] sonnets =
                [$"data.train_path={Path.Combine(Repository.Root, "data", "sonnets.txt")}", "training.epochs=null", "model.n_layer=2"];
            string[] veryFew = [.. verbs, "scheduler.total_steps=4", "scheduler.warmup_steps=2"];
            return recipe switch
            {
                Recipe.Verbs => [.. verbs, "scheduler.total_steps=200"],
                Recipe.Sonnets => [.. sonnets, "scheduler.total_steps=200"],
                Recipe.FewVerbs => [.. verbs, "scheduler.total_steps=20", "scheduler.warmup_steps=5"],
                Recipe.FewVerbsInBf16 => [.. veryFew, "training.precision=bf16"],
                Recipe.FewVerbsInFp16 => [.. veryFew, "training.precision=fp16"],
                _ => [.. sonnets, "scheduler.total_steps=3", "scheduler.warmup_steps=2", "training.batch_size=8"],
            };
        }
    }
}
