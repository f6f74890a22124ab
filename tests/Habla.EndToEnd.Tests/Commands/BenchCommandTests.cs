using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What scripts and comparisons read out of <c>habla bench step --json</c> and <c>habla bench gemm --json</c>.</summary>
public sealed class BenchCommandTests
{
    private const int Tokens = 256; // 8 sequences of 32

    // 256 × (6 × 102,400 weights of products + 6 × 2 layers × 32 positions × 64)
    private const double FlopsPerStep = 163_577_856;

    [Fact]
    public void A_step_is_told_by_the_names_that_others_read_and_its_numbers_agree()
    {
        ProcessResult result =
            HablaProcess.Run("bench", "step", "--preset", "lab", "--threads", "2", "--seconds", "0.01", "--json").Expect(0);

        Assert.Equal(["machine", "presets"], Names(result.Json));
        Assert.Equal(["cpu", "cores", "simd_bits", "memory_mb"], Names(result.Json.GetProperty("machine")));
        JsonElement step = Assert.Single(result.Json.GetProperty("presets").EnumerateArray());
        AssertHas(
            [
                "preset", "precision", "parameters", "tokens_per_step", "threads", "steps", "median_ms", "fastest_ms", "tokens_per_s",
                "gflops", "fma_peak_gflops", "mfu", "activation_bytes", "allocated_bytes_per_step", "garbage_collections",
                "fork_join_us", "peak_rss_mb", "profile",
            ],
            step);
        Assert.Equal(("lab", "fp32"), (step.GetProperty("preset").GetString(), step.GetProperty("precision").GetString()));

        // The products' weights, five norms of 128 numbers, and the biases of two feed-forward networks.
        Assert.Equal(102_400 + (5 * 128) + (2 * (256 + 64)), step.GetProperty("parameters").GetInt32());
        Assert.Equal((Tokens, 2), (step.GetProperty("tokens_per_step").GetInt32(), step.GetProperty("threads").GetInt32()));
        Assert.InRange(step.GetProperty("steps").GetInt32(), 5, int.MaxValue);
        double median = Positive(step, "median_ms") / 1e3, gflops = Positive(step, "gflops");
        Assert.InRange(Positive(step, "fastest_ms") / 1e3, 0, median);
        Assert.Equal(1, Positive(step, "tokens_per_s") * median / Tokens, 1e-9);
        Assert.Equal(1, gflops * 1e9 * median / FlopsPerStep, 1e-9);
        Assert.Equal(1, Positive(step, "mfu") * Positive(step, "fma_peak_gflops") / gflops, 1e-9);
        Positive(step, "activation_bytes");
        Positive(step, "peak_rss_mb");
        Assert.InRange(step.GetProperty("allocated_bytes_per_step").GetInt64(), 0, (64 << 10) - 1);
        Assert.Equal(JsonValueKind.Number, step.GetProperty("garbage_collections").ValueKind);
        Assert.Equal(JsonValueKind.Null, step.GetProperty("profile").ValueKind);
    }

    [Fact]
    public void Products_are_those_of_the_presets_step_in_all_three_forms()
    {
        ProcessResult result = HablaProcess.Run(
            "bench", "gemm", "--preset", "lab", "--threads", "2", "--seconds", "0.0001", "--rounds", "1", "--json").Expect(0);

        Assert.Equal(["machine", "threads", "products"], Names(result.Json));
        Assert.Equal(2, result.Json.GetProperty("threads").GetInt32());
        JsonElement[] products = [.. result.Json.GetProperty("products").EnumerateArray()];
        Assert.All(products, product =>
        {
            AssertHas(["form", "m", "n", "k", "source", "gflops", "of_peak", "peer_gflops", "ratio_to_fastest_peer"], product);
            Assert.Equal("lab", product.GetProperty("source").GetString());
            Positive(product, "gflops");
            Positive(product, "of_peak");
            Assert.Empty(Names(product.GetProperty("peer_gflops")));
            Assert.Equal(JsonValueKind.Null, product.GetProperty("ratio_to_fastest_peer").ValueKind);
        });

        // Four of the eight micro-batches go through the model together, 128 rows. The head, 64 to 64, is as large as attention's output.
        (int Inputs, int Outputs)[] maps = [(64, 192), (64, 64), (64, 256), (256, 64)];
        Assert.Equal(
            maps.SelectMany(map => (string[])
                [$"nt 128 {map.Outputs} {map.Inputs}", $"nn 128 {map.Inputs} {map.Outputs}", $"tn {map.Outputs} {map.Inputs} 128"]),
            products.Select(product => $"{product.GetProperty("form").GetString()} {product.GetProperty("m").GetInt32()} "
                + $"{product.GetProperty("n").GetInt32()} {product.GetProperty("k").GetInt32()}"));
    }

    [Theory]
    [InlineData("there is no preset 'tiny'", "step", "--preset", "tiny")]
    [InlineData("there is no preset 'tiny'", "gemm", "--preset", "lab,tiny")]
    [InlineData("--seconds 0: expected a number above 0", "step", "--preset", "lab", "--seconds", "0")]
    [InlineData("--rounds 0: expected a number above 0", "gemm", "--rounds", "0")]
    public void Bad_input_is_refused_before_anything_is_measured(string problem, params string[] options)
    {
        ProcessResult result = HablaProcess.Run(["bench", .. options]).Expect(2);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    /// <summary>A reader finds every name it knows; more may come.</summary>
    private static void AssertHas(string[] names, JsonElement element) => Assert.Empty(names.Except(Names(element)));

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    private static double Positive(JsonElement element, string name)
    {
        double number = element.GetProperty(name).GetDouble();
        Assert.True(number > 0 && double.IsFinite(number), $"{name}: {element}");
        return number;
    }
}
