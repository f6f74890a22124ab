using Habla.Modeling;
using Habla.Tensors.Ops;

namespace Habla.Tests.Modeling;

public class GptConfigTests
{
    [Fact]
    public void Minigpt_of_the_main_recipe_has_exactly_103680_parameters() =>
        Assert.Equal(103_680, GptConfig.Minigpt().ParameterCount);

    [Fact]
    public void Gpt2_at_its_published_size_has_the_published_124_million_parameters()
    {
        GptConfig gpt2 = GptConfig.Gpt2() with
        {
            LayerCount = 12, HeadCount = 12, Width = 768, FeedForwardWidth = 3072, VocabularySize = 50257, ContextLength = 1024,
        };
        Assert.Equal(124_439_808, gpt2.ParameterCount);
    }

    [Fact]
    public void An_untied_head_is_one_more_matrix_without_bias()
    {
        GptConfig tied = GptConfig.Minigpt();
        Assert.Equal(64 * 64, (tied with { TieEmbeddings = false }).ParameterCount - tied.ParameterCount);
    }

    [Fact]
    public void A_family_sets_its_defaults()
    {
        GptConfig minigpt = GptConfig.Of(ModelFamily.Minigpt);
        Assert.Equal(
            (PositionKind.Rotary, ActivationKind.Gelu, false, true, true),
            (minigpt.Position, minigpt.Activation, minigpt.AttentionBias, minigpt.FeedForwardBias, minigpt.TieEmbeddings));
        GptConfig gpt2 = GptConfig.Of(ModelFamily.Gpt2);
        Assert.Equal(
            (PositionKind.Learned, ActivationKind.GeluTanh, true, true, true),
            (gpt2.Position, gpt2.Activation, gpt2.AttentionBias, gpt2.FeedForwardBias, gpt2.TieEmbeddings));
    }

    [Fact]
    public void Llama_sets_its_defaults()
    {
        GptConfig llama = GptConfig.Of(ModelFamily.Llama);
        Assert.Equal(
            (PositionKind.Rotary, ActivationKind.Swiglu, NormKind.Rmsnorm, false, false, false),
            (llama.Position, llama.Activation, llama.Norm, llama.AttentionBias, llama.FeedForwardBias, llama.TieEmbeddings));
        Assert.Equal((null, llama.HeadCount), (llama.KeyValueHeadCount, llama.KeyValueHeads));
        Assert.Equal((10_000, 1e-5, 1), (llama.RotaryBase, llama.NormEpsilon, llama.RotaryScaling.Factor));
    }

    [Fact]
    public void Llama_at_a_published_size_has_the_published_number_of_parameters()
    {
        GptConfig tinyLlama = GptConfig.Llama() with
        {
            LayerCount = 22, HeadCount = 32, KeyValueHeadCount = 4, Width = 2048, FeedForwardWidth = 5632, VocabularySize = 32_000,
            ContextLength = 2048,
        };
        Assert.Equal(1_100_048_384, tinyLlama.ParameterCount); // TinyLlama-1.1B
        tinyLlama.Validate();
    }

    [Theory]
    [InlineData(3, "model.n_kv_head: 3 does not divide model.n_head 4; each head of keys and values serves as many heads of queries")]
    [InlineData(8, "model.n_kv_head: 8 does not divide model.n_head 4; each head of keys and values serves as many heads of queries")]
    [InlineData(0, "model.n_kv_head: 0 is not possible; expected a whole number from 1 to 1000")]
    public void Heads_of_keys_and_values_that_cannot_be_shared_are_refused(int count, string message) => Assert.Equal(
        message, Assert.Throws<InvalidOptionException>((GptConfig.Llama() with { KeyValueHeadCount = count }).Validate).Message);

    [Fact]
    public void Impossible_options_of_llama_name_their_keys()
    {
        GptConfig llama = GptConfig.Llama();
        Assert.Equal(
            ["model.rope_theta", "model.norm_eps", "model.rope_scaling.factor", "model.rope_scaling.high_freq_factor"],
            ((GptConfig[])
            [
                llama with { RotaryBase = 1 }, llama with { NormEpsilon = 0 }, llama with { RotaryScaling = new RotaryScaling(0.5) },
                llama with { RotaryScaling = new RotaryScaling(2, 4, 4) },
            ]).Select(config => Assert.Throws<InvalidOptionException>(config.Validate).Key));
    }

    [Fact]
    public void The_defaults_are_valid()
    {
        GptConfig.Llama().Validate();
        GptConfig.Minigpt().Validate();
        GptConfig.Gpt2().Validate();
    }

    [Fact]
    public void An_impossible_value_names_its_key()
    {
        var error = Assert.Throws<InvalidOptionException>(() => (GptConfig.Minigpt() with { Dropout = 1 }).Validate());
        Assert.Equal("model.dropout: 1 is not possible; expected a number of at least 0 and below 1", error.Message);
    }

    [Fact]
    public void Heads_that_do_not_divide_the_width_name_both_keys()
    {
        var error = Assert.Throws<InvalidOptionException>(() => (GptConfig.Minigpt() with { HeadCount = 5 }).Validate());
        Assert.Equal("model.d_model: 64 is not divisible by model.n_head 5; every head gets d_model / n_head numbers", error.Message);
    }

    [Fact]
    public void Rotary_positions_need_an_even_head_size_and_learned_ones_do_not()
    {
        GptConfig odd = GptConfig.Minigpt() with { Width = 12, HeadCount = 4 };
        Assert.Contains(
            "the head size must be even", Assert.Throws<InvalidOptionException>(odd.Validate).Message, StringComparison.Ordinal);
        (odd with { Position = PositionKind.Learned }).Validate();
    }

    [Fact]
    public void A_tensor_too_large_to_index_names_the_key_that_makes_it_so()
    {
        GptConfig config = GptConfig.Minigpt() with { Width = 4096, HeadCount = 32, VocabularySize = 1_000_000 };
        Assert.Equal(
            "model.vocab_size: 1000000 times d_model makes a tensor of 4096000000 numbers; one can hold 2147483647",
            Assert.Throws<InvalidOptionException>(config.Validate).Message);
        (config with { VocabularySize = 500_000 }).Validate();
    }
}
