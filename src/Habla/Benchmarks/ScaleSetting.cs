using Habla.Modeling;

namespace Habla.Benchmarks;

/// <summary>
/// A training step that is measured for scale: the model, the batch and the threads. The defaults are the base from which one of
/// them at a time is changed: a step large enough that its arithmetic decides, and small enough that a laptop does it in a blink.
/// </summary>
public sealed record ScaleSetting
{
    private const int FeedForwardPerWidth = 4;

    /// <summary>The model's family, without dropout. Default gpt2.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Gpt2;

    /// <summary>Distinct tokens, V. Default 65, the letters of a text; so few that the head costs next to nothing.</summary>
    public int VocabularySize { get; init; } = 65;

    /// <summary>Transformer blocks, L. Default 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Attention heads, H, whatever the width. Default 4.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Numbers per token, C; a multiple of the heads. Default 128.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Tokens in a sequence, T. Default 128.</summary>
    public int SequenceLength { get; init; } = 128;

    /// <summary>Sequences in a batch, B. Default 16.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Threads to compute on; at least 1.</summary>
    public required int Threads { get; init; }

    /// <summary>Where on an axis this setting is.</summary>
    /// <param name="axis">What may vary.</param>
    public int ValueOf(ScaleAxis axis) => axis switch
    {
        ScaleAxis.Width => Width,
        ScaleAxis.SequenceLength => SequenceLength,
        ScaleAxis.Batch => Batch,
        ScaleAxis.Threads => Threads,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "not an axis"),
    };

    /// <summary>The same at another place on one axis.</summary>
    /// <param name="axis">What varies.</param>
    /// <param name="value">Its new value.</param>
    public ScaleSetting With(ScaleAxis axis, int value) => axis switch
    {
        ScaleAxis.Width => this with { Width = value },
        ScaleAxis.SequenceLength => this with { SequenceLength = value },
        ScaleAxis.Batch => this with { Batch = value },
        ScaleAxis.Threads => this with { Threads = value },
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "not an axis"),
    };

    /// <summary>What <see cref="StepBenchmark"/> has to train.</summary>
    public BenchmarkPreset ToPreset()
    {
        GptConfig model = GptConfig.Of(Family) with
        {
            VocabularySize = VocabularySize, ContextLength = SequenceLength, LayerCount = Layers, HeadCount = Heads,
            Width = Width, FeedForwardWidth = FeedForwardPerWidth * Width,
        };
        model.Validate();
        return new BenchmarkPreset("scale", model, Batch);
    }
}
