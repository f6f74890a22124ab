using Habla.Checkpoints;
using Habla.Interchange;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;
using Habla.Tensors;

namespace Habla.Tests.Interchange;

/// <summary>What was exported and imported again is the same model: every bit of its weights, its shape and its tokenizer.</summary>
public sealed class HuggingFaceRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<GptConfig> Shapes { get; } =
    [
        ForeignModels.SmallGpt2,
        ForeignModels.SmallGpt2 with { AttentionBias = false, FeedForwardBias = false, Dropout = 0.25 },
        ForeignModels.SmallGpt2 with { TieEmbeddings = false, Activation = ActivationKind.Gelu, NormEpsilon = 1e-6 },
        ForeignModels.SmallLlama with { Dropout = 0.1 },
        ForeignModels.SmallLlama with { KeyValueHeadCount = null, AttentionBias = true, FeedForwardBias = true, TieEmbeddings = true },
        ForeignModels.SmallLlama with { RotaryScaling = Tensors.Ops.RotaryScaling.None, RotaryBase = 10_000, NormEpsilon = 1e-5 },
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_bit_comes_back(GptConfig config)
    {
        PortableModel portable = ForeignModels.Drawn(config, beginsText: true);
        using Gpt model = portable.Model;
        IReadOnlyList<string> files = HuggingFaceExport.Write(_folder.In("hf"), portable);
        Assert.All(files, file => Assert.True(File.Exists(file), file));

        PortableModel read = HuggingFaceImport.Read(_folder.In("hf")).Model;
        using Gpt again = read.Model;
        ForeignModels.AssertSameWeights(model, again);
        Assert.Equal(config, again.Config);
        Assert.Equal(portable.Tokenizer.Fingerprint, read.Tokenizer.Fingerprint);
        Assert.True(read.BeginsText);
        Assert.Equal(ModelFile.HashOf(model), ModelFile.HashOf(again));
    }

    [Theory]
    [InlineData(SafetensorsDtype.F16)]
    [InlineData(SafetensorsDtype.BF16)]
    public void Sixteen_bits_are_the_nearest(SafetensorsDtype dtype)
    {
        PortableModel portable = ForeignModels.Drawn(ForeignModels.SmallGpt2);
        using Gpt model = portable.Model;
        HuggingFaceExport.Write(_folder.In("hf"), portable, dtype);
        using Gpt again = HuggingFaceImport.Read(_folder.In("hf")).Model.Model;
        double step = dtype == SafetensorsDtype.F16 ? Math.Pow(2, -11) : Math.Pow(2, -8);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            Span<float> exact = model.Parameters.Data(parameter), found = again.Parameters.Data(again.Parameters[parameter.Name]);
            for (int i = 0; i < exact.Length; i++)
            {
                Assert.True(Math.Abs(exact[i] - found[i]) <= Math.Max(step * Math.Abs(exact[i]), 3e-8), $"{exact[i]} became {found[i]}");
                Assert.Equal(0u, BitConverter.SingleToUInt32Bits(found[i]) & (dtype == SafetensorsDtype.F16 ? 0x1FFFu : 0xFFFFu) & Normal(found[i]));
            }
        }
    }

    [Fact]
    public void A_weight_that_float16_cannot_hold_is_refused()
    {
        PortableModel portable = ForeignModels.Drawn(ForeignModels.SmallGpt2);
        using Gpt model = portable.Model;
        model.Parameters.Data(model.Parameters["final_norm.weight"])[3] = 70_000;
        var error = Assert.Throws<InvalidInputException>(() => HuggingFaceExport.Write(_folder.In("hf"), portable, SafetensorsDtype.F16));
        Assert.Contains("final_norm.weight has the weight 70000", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("hf")));
    }

    /// <summary>Subnormal float16 numbers use fewer bits in a place that moves; they are not looked at.</summary>
    private static uint Normal(float number) => Math.Abs(number) < 6.2e-5f ? 0 : uint.MaxValue;
}
