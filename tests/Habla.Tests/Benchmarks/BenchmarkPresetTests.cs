using Habla.Benchmarks;
using Habla.Modeling;

namespace Habla.Tests.Benchmarks;

/// <summary>
/// The presets are the same in other programs that measure the same step, and their operations are counted as there: a number that
/// changes makes every speed before it worthless.
/// </summary>
public class BenchmarkPresetTests
{
    [Fact]
    public void There_are_five_from_small_to_large() => Assert.Equal(
        ["lab", "book", "nanogpt-cpu", "shakespeare-char", "gpt2-124m"], BenchmarkPreset.All.Select(preset => preset.Name));

    [Theory]
    [InlineData("lab", ModelFamily.Minigpt, 64, 32, 2, 4, 64, 256, 8, 0)]
    [InlineData("book", ModelFamily.Gpt2, 57, 64, 4, 4, 64, 256, 32, 0.1)]
    [InlineData("nanogpt-cpu", ModelFamily.Gpt2, 65, 64, 4, 4, 128, 512, 12, 0)]
    [InlineData("shakespeare-char", ModelFamily.Gpt2, 65, 256, 6, 6, 384, 1536, 64, 0.2)]
    [InlineData("gpt2-124m", ModelFamily.Gpt2, 50257, 64, 12, 12, 768, 3072, 4, 0)]
    public void Each_has_its_size(
        string name, ModelFamily family, int vocabulary, int context, int layers, int heads, int width, int feedForward, int batch,
        double dropout)
    {
        BenchmarkPreset preset = Assert.Single(BenchmarkPreset.Named(name));
        GptConfig model = preset.Model;
        Assert.Equal(
            (family, vocabulary, context, layers, heads, width, feedForward, batch, dropout),
            (model.Family, model.VocabularySize, model.ContextLength, model.LayerCount, model.HeadCount, model.Width,
                model.FeedForwardWidth, preset.BatchSize, model.Dropout));
        Assert.Equal(batch * context, preset.TokensPerStep);
    }

    /// <summary>Tokens × (6·N + 6·L·T·C), where N counts the weights of all matrix products, the head's among them.</summary>
    [Theory]
    [InlineData("lab", 163_577_856)] // 256 × (6 × 102,400 + 6 × 2 × 32 × 64)
    [InlineData("book", 2_662_072_320)] // 2048 × (6 × 200,256 + 6 × 4 × 64 × 64)
    [InlineData("nanogpt-cpu", 3_813_212_160)] // 768 × (6 × 794,752 + 6 × 4 × 64 × 128)
    [InlineData("shakespeare-char", 1_104_112_779_264)] // 16384 × (6 × 10,641,792 + 6 × 6 × 256 × 384)
    [InlineData("gpt2-124m", 190_651_170_816)] // 256 × (6 × 123,532,032 + 6 × 12 × 64 × 768)
    public void Operations_are_those_of_the_products_and_of_half_of_attention(string name, double flops) =>
        Assert.Equal(flops, Assert.Single(BenchmarkPreset.Named(name)).FlopsPerStep);

    [Fact]
    public void Names_are_separated_by_commas_and_an_unknown_one_is_told_which_there_are()
    {
        Assert.Equal(["book", "lab"], BenchmarkPreset.Named("book, lab").Select(preset => preset.Name));
        Assert.Equal(
            "there is no preset 'tiny'; there are lab, book, nanogpt-cpu, shakespeare-char, gpt2-124m",
            Assert.Throws<InvalidInputException>(() => BenchmarkPreset.Named("lab,tiny")).Message);
    }
}
