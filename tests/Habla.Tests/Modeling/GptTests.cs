using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tests.Training;

namespace Habla.Tests.Modeling;

public class GptTests
{
    private const int V = TrainingSamples.Vocabulary, T = TrainingSamples.Context;

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void A_token_changes_its_own_logits_and_later_ones_and_no_bit_of_those_before(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        int[] ids = TrainingSamples.Batch(1).Inputs;
        int[] before = TrainingSamples.Bits(Logits(model, ids));
        for (int changed = 0; changed < T; changed++)
        {
            int[] other = [.. ids];
            other[changed] = (other[changed] + 3) % V;
            int[] after = TrainingSamples.Bits(Logits(model, other));
            Assert.Equal(before[..(changed * V)], after[..(changed * V)]);
            Assert.NotEqual(before[(changed * V)..((changed + 1) * V)], after[(changed * V)..((changed + 1) * V)]);
        }
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void A_shorter_sequence_has_the_logits_of_the_longer_one(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        int[] ids = TrainingSamples.Batch(1).Inputs;
        float[] all = Logits(model, ids);
        for (int length = 1; length < T; length++)
        {
            float[] some = Logits(model, ids[..length]);
            for (int i = 0; i < some.Length; i++)
            {
                Assert.Equal(all[i], some[i], 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void A_row_has_the_same_bits_whoever_its_neighbours_are(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        int[] first = TrainingSamples.Batch(1).Inputs, second = TrainingSamples.Batch(1, seed: 1).Inputs;
        float[] both = Logits(model, [.. first, .. second], rows: 2);
        Assert.Equal(Logits(model, first), both[..(T * V)]);
        Assert.Equal(Logits(model, second), both[(T * V)..]);
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void A_new_model_knows_nothing(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config(family) with { InitializationStd = 0.02 });
        Assert.All(Logits(model, TrainingSamples.Batch(1).Inputs), logit => Assert.InRange(logit, -1, 1));
    }

    [Fact]
    public void A_sequence_longer_than_the_context_is_refused()
    {
        using Gpt model = TrainingSamples.Model();
        Assert.Equal(
            "a sequence of 13 tokens is longer than the model's context of 12",
            Assert.Throws<ShapeException>(() => Logits(model, new int[T + 1])).Message);
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt, true)]
    [InlineData(ModelFamily.Minigpt, false)]
    [InlineData(ModelFamily.Gpt2, true)]
    [InlineData(ModelFamily.Llama, false)]
    [InlineData(ModelFamily.Llama, true)]
    public void It_has_as_many_parameters_as_its_configuration_says(ModelFamily family, bool tied)
    {
        using var model = new Gpt(TrainingSamples.Config(family) with { TieEmbeddings = tied });
        Assert.Equal(model.Config.ParameterCount, model.Parameters.Count);
    }

    [Fact]
    public void Llama_has_the_documented_parameters()
    {
        using var model = new Gpt(TrainingSamples.Config(ModelFamily.Llama) with { LayerCount = 1, HeadCount = 4, KeyValueHeadCount = 2 });
        Assert.Equal(
        [
            "token_embedding.weight [17, 16]", "blocks.0.attention_norm.weight [16]", "blocks.0.attention.query.weight [16, 16]",
            "blocks.0.attention.key.weight [8, 16]", "blocks.0.attention.value.weight [8, 16]", "blocks.0.attention.output.weight [16, 16]",
            "blocks.0.feed_forward_norm.weight [16]", "blocks.0.feed_forward.gate.weight [40, 16]", "blocks.0.feed_forward.up.weight [40, 16]",
            "blocks.0.feed_forward.down.weight [16, 40]", "final_norm.weight [16]", "head.weight [17, 16]",
        ],
            model.Parameters.Parameters.Select(parameter => $"{parameter.Name} {parameter.Shape}"));
    }

    /// <summary>Each option that llama brings may be taken by itself.</summary>
    [Fact]
    public void Norm_activation_biases_and_heads_go_together_as_one_likes()
    {
        GptConfig config = TrainingSamples.Config(ModelFamily.Gpt2) with { HeadCount = 4 };
        foreach (GptConfig mixed in (GptConfig[])
            [
                config with { Norm = NormKind.Rmsnorm }, config with { Activation = ActivationKind.Swiglu },
                config with { KeyValueHeadCount = 1 }, config with { Position = PositionKind.Rotary, KeyValueHeadCount = 2, RotaryBase = 77 },
            ])
        {
            using Gpt model = TrainingSamples.Model(mixed);
            Assert.Equal(mixed.ParameterCount, model.Parameters.Count);
            int[] ids = TrainingSamples.Batch(1).Inputs;
            var reference = new ReferenceForward(mixed, name => model.Parameters.Data(model.Parameters[name]));
            double[] expected = reference.Logits(ids, [], 1);
            float[] found = Logits(model, ids);
            for (int i = 0; i < found.Length; i++)
            {
                Assert.Equal(expected[i], found[i], 1e-4);
            }
        }
    }

    private static float[] Logits(Gpt model, int[] ids, int rows = 1)
    {
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        return model.Forward(tape, ids, rows).Data.ToArray();
    }
}
