using System.Text.Json;
using Habla.Modeling;

namespace Habla.Tests.Golden;

/// <summary>A family's golden file: a tiny model, one batch, and what PyTorch makes of them (tests/golden/README.md).</summary>
public sealed record GoldenFile
{
    public required string Family { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    /// <summary>C.</summary>
    public required int Width { get; init; }

    /// <summary>F.</summary>
    public required int HiddenWidth { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>More than the batch's T, so that some learned positions stay unused.</summary>
    public required int MaxSequenceLength { get; init; }

    public required GoldenOptimizer Optimizer { get; init; }

    /// <summary>Token ids, [B, T].</summary>
    public required GoldenTensor Inputs { get; init; }

    /// <summary>Token ids, [B, T].</summary>
    public required GoldenTensor Targets { get; init; }

    /// <summary>1 where a key may be seen, [B, T].</summary>
    public required GoldenTensor PaddingMask { get; init; }

    /// <summary>1 where a target counts, [B, T].</summary>
    public required GoldenTensor LossMask { get; init; }

    /// <summary>Where both precisions start, by parameter name; float32 numbers.</summary>
    public required IReadOnlyDictionary<string, GoldenTensor> Weights { get; init; }

    /// <summary>What PyTorch computed in float32.</summary>
    public required GoldenRun Single { get; init; }

    /// <summary>What PyTorch computed in float64.</summary>
    public required GoldenRun Double { get; init; }

    /// <summary>Null: as many as heads.</summary>
    public int? KeyValueHeadCount { get; init; }

    public double RotaryBase { get; init; } = GptConfig.Minigpt().RotaryBase;

    public double NormEpsilon { get; init; } = GptConfig.Minigpt().NormEpsilon;

    /// <summary>The model's shape.</summary>
    public GptConfig Config => GptConfig.Of(Enum.Parse<ModelFamily>(Family, ignoreCase: true)) with
    {
        LayerCount = LayerCount,
        HeadCount = HeadCount,
        KeyValueHeadCount = KeyValueHeadCount,
        RotaryBase = RotaryBase,
        NormEpsilon = NormEpsilon,
        Width = Width,
        FeedForwardWidth = HiddenWidth,
        VocabularySize = VocabularySize,
        ContextLength = MaxSequenceLength,
    };

    public int BatchSize => Inputs.Shape[0];

    public int SequenceLength => Inputs.Shape[1];

    /// <summary>Reads tests/golden/FAMILY.json.</summary>
    /// <param name="family">"minigpt", "gpt2" or "llama".</param>
    public static GoldenFile Load(string family)
    {
        using JsonDocument document = GoldenTensor.Open(family + ".json");
        JsonElement root = document.RootElement, config = root.GetProperty("config"), batch = root.GetProperty("batch");
        return new GoldenFile
        {
            Family = config.GetProperty("family").GetString()!,
            LayerCount = config.GetProperty("n_layer").GetInt32(),
            HeadCount = config.GetProperty("n_head").GetInt32(),
            Width = config.GetProperty("d_model").GetInt32(),
            HiddenWidth = config.GetProperty("d_ff").GetInt32(),
            VocabularySize = config.GetProperty("vocab_size").GetInt32(),
            MaxSequenceLength = config.GetProperty("max_seq_len").GetInt32(),
            KeyValueHeadCount = config.TryGetProperty("n_kv_head", out JsonElement count) ? count.GetInt32() : null,
            RotaryBase = config.TryGetProperty("rope_theta", out JsonElement theta) ? theta.GetDouble() : GptConfig.Minigpt().RotaryBase,
            NormEpsilon = config.TryGetProperty("norm_eps", out JsonElement eps) ? eps.GetDouble() : GptConfig.Minigpt().NormEpsilon,
            Optimizer = GoldenOptimizer.Read(root.GetProperty("optimizer")),
            Inputs = GoldenTensor.Read(batch.GetProperty("inputs")),
            Targets = GoldenTensor.Read(batch.GetProperty("targets")),
            PaddingMask = GoldenTensor.Read(batch.GetProperty("padding_mask")),
            LossMask = GoldenTensor.Read(batch.GetProperty("loss_mask")),
            Weights = GoldenTensor.ReadAll(root.GetProperty("weights")),
            Single = GoldenRun.Read(root.GetProperty("float32")),
            Double = GoldenRun.Read(root.GetProperty("float64")),
        };
    }

    /// <summary>
    /// True for a key bias: it adds one number to all scores of a query, which softmax does not notice, so its gradient is zero
    /// and what any program finds is rounding noise. Hold it against the global norm, and leave it out of final weights.
    /// </summary>
    public static bool GradientIsNoise(string parameter) => parameter.EndsWith("attention.key.bias", StringComparison.Ordinal);

    /// <summary>How far a gradient is off: ‖found − golden‖ over ‖golden‖, or over the global norm where the golden one is noise.</summary>
    public static double GradientError(GoldenRun golden, string parameter, ReadOnlySpan<float> found)
    {
        double[] expected = golden.Gradients[parameter].Values;
        Assert.Equal(expected.Length, found.Length);
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(found[i] - expected[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference) / (GradientIsNoise(parameter) ? golden.GradientNorm : Math.Sqrt(size));
    }
}
