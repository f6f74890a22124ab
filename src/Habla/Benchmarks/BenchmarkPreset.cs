using Habla.Modeling;

namespace Habla.Benchmarks;

/// <summary>A model and batch of fixed size, so that speeds from different days, machines and programs can be held side by side.</summary>
/// <param name="Name">What it is called; the command line finds those in <see cref="All"/> by it.</param>
/// <param name="Model">The model's shape.</param>
/// <param name="BatchSize">Sequences a step, each as long as the model's context.</param>
public sealed record BenchmarkPreset(string Name, GptConfig Model, int BatchSize)
{
    /// <summary>The presets with a name of their own, from small to large.</summary>
    public static IReadOnlyList<BenchmarkPreset> All { get; } =
    [
        new("lab", Shape(GptConfig.Minigpt(), 64, 32, 2, 4, 64, 256), 8),
        new("book", Shape(GptConfig.Gpt2(), 57, 64, 4, 4, 64, 256, dropout: 0.1), 32),
        new("nanogpt-cpu", Shape(GptConfig.Gpt2(), 65, 64, 4, 4, 128, 512), 12),
        new("shakespeare-char", Shape(GptConfig.Gpt2(), 65, 256, 6, 6, 384, 1536, dropout: 0.2), 64),
        new("gpt2-124m", Shape(GptConfig.Gpt2(), 50257, 64, 12, 12, 768, 3072), 4),
    ];

    /// <summary>Tokens that one step reads: B·T.</summary>
    public int TokensPerStep => BatchSize * Model.ContextLength;

    /// <summary>
    /// Floating-point operations of a step that count as the model's: forward and backward of all matrix products (the head
    /// included) and of attention, of which causality leaves half: tokens × (6·N + 6·L·T·C).
    /// </summary>
    public double FlopsPerStep
    {
        get
        {
            double width = Model.Width;
            double keyValue = 2.0 * Model.KeyValueHeads * Model.HeadSize;
            int feedForwardLayers = Model.Activation == ActivationKind.Swiglu ? 3 : 2;
            double block = (((2 * width) + keyValue) * width) + (feedForwardLayers * width * Model.FeedForwardWidth);
            double products = (Model.LayerCount * block) + (Model.VocabularySize * width);
            return TokensPerStep * ((6 * products) + (6 * Model.LayerCount * Model.ContextLength * width));
        }
    }

    /// <summary>Finds presets by name.</summary>
    /// <param name="names">Names separated by commas.</param>
    /// <exception cref="InvalidInputException">A name is unknown; the message lists the known ones.</exception>
    public static IReadOnlyList<BenchmarkPreset> Named(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Split(',', StringSplitOptions.TrimEntries).Select(Find)];
    }

    private static BenchmarkPreset Find(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new InvalidInputException(
            $"there is no preset '{name}'; there are {string.Join(", ", All.Select(preset => preset.Name))}");

    private static GptConfig Shape(
        GptConfig family, int vocabulary, int context, int layers, int heads, int width, int feedForward, double dropout = 0) =>
        family with
        {
            VocabularySize = vocabulary, ContextLength = context, LayerCount = layers, HeadCount = heads,
            Width = width, FeedForwardWidth = feedForward, Dropout = dropout,
        };
}
