using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Modeling;
using Habla.Tokenization;

namespace Habla.Tests.Interchange;

/// <summary>What stands in the GGUF files that are written; that llama.cpp understands them is tested with llama.cpp itself.</summary>
public sealed class GgufExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.In("model.gguf");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gpt2_has_queries_keys_and_values_in_one_and_its_sizes()
    {
        GgufReader file = Written(ForeignModels.SmallGpt2 with { AttentionBias = false }, GgufType.F32, out Gpt model);
        Assert.Equal("gpt2", file.Metadata["general.architecture"]);
        Assert.Equal(6u, file.Metadata["gpt2.context_length"]);
        Assert.Equal(8u, file.Metadata["gpt2.embedding_length"]);
        Assert.Equal(20u, file.Metadata["gpt2.feed_forward_length"]);
        Assert.Equal(2u, file.Metadata["gpt2.attention.head_count"]);
        Assert.Equal(1e-5f, file.Metadata["gpt2.attention.layer_norm_epsilon"]);
        Assert.Equal([8ul, 24ul], file.Tensors["blk.1.attn_qkv.weight"].Sizes);
        float[] fused = Floats(file, "blk.1.attn_qkv.weight");
        Assert.Equal(
            ((string[])["query", "key", "value"]).SelectMany(name => Data(model, $"blocks.1.attention.{name}.weight")), fused);
        Assert.Equal(new float[24], Floats(file, "blk.1.attn_qkv.bias")); // the model has none: zeros compute the same
        Assert.Equal(Data(model, "blocks.0.feed_forward.up.bias"), Floats(file, "blk.0.ffn_up.bias"));
        Assert.False(file.Tensors.ContainsKey("output.weight"));
        model.Dispose();
    }

    [Fact]
    public void Llama_has_the_rows_that_turn_together_side_by_side()
    {
        GgufReader file = Written(ForeignModels.SmallLlama, GgufType.F32, out Gpt model);
        Assert.Equal(2u, file.Metadata["llama.attention.head_count_kv"]);
        Assert.Equal(4u, file.Metadata["llama.rope.dimension_count"]);
        Assert.Equal(500f, file.Metadata["llama.rope.freq_base"]);
        Assert.Equal(1e-6f, file.Metadata["llama.attention.layer_norm_rms_epsilon"]);
        float[][] ours = [.. Data(model, "blocks.0.attention.key.weight").Chunk(16)]; // two heads of four rows
        Assert.Equal(((int[])[0, 2, 1, 3, 4, 6, 5, 7]).SelectMany(row => ours[row]), Floats(file, "blk.0.attn_k.weight"));
        Assert.Equal(Data(model, "blocks.0.attention.value.weight"), Floats(file, "blk.0.attn_v.weight"));
        Assert.Equal(Data(model, "head.weight"), Floats(file, "output.weight"));
        // Wavelengths 2π and 2π·√500 of a context of 16: between 16/4 and 16/1, so in between, and longer than 16, so the whole factor.
        double share = ((16 / (2 * Math.PI)) - 1) / 3;
        Assert.Equal(
            [(float)(1 / (((1 - share) / 8) + share)), 8f], Floats(file, "rope_freqs.weight"),
            (one, other) => Math.Abs(one - other) < 1e-5);
        model.Dispose();
    }

    [Fact]
    public void Only_matrices_are_rounded_and_only_rows_of_whole_blocks_become_bytes()
    {
        GptConfig config = ForeignModels.SmallGpt2 with { Width = 32, FeedForwardWidth = 40 };
        GgufReader file = Written(config, GgufType.Q8, out Gpt model);
        Assert.Equal(7u, file.Metadata["general.file_type"]);
        Assert.Equal(8u, file.Tensors["token_embd.weight"].Type);
        Assert.Equal(0u, file.Tensors["position_embd.weight"].Type);
        Assert.Equal(0u, file.Tensors["blk.0.attn_norm.weight"].Type);
        Assert.Equal(8u, file.Tensors["blk.0.ffn_up.weight"].Type);
        Assert.Equal(0u, file.Tensors["blk.0.ffn_up.bias"].Type);
        Assert.Equal(1u, file.Tensors["blk.0.ffn_down.weight"].Type); // rows of 40

        byte[] bytes = System.IO.File.ReadAllBytes(File);
        float[] exact = Data(model, "token_embedding.weight");
        for (int i = 0; i < exact.Length; i++)
        {
            int block = (int)file.Tensors["token_embd.weight"].Place + (i / 32 * 34);
            float largest = exact.AsSpan(i / 32 * 32, 32).ToArray().Max(Math.Abs), scale = largest / 127;
            Assert.Equal((Half)scale, BitConverter.ToHalf(bytes, block));
            Assert.InRange((sbyte)bytes[block + 2 + (i % 32)] - (exact[i] / scale), -0.5001, 0.5001);
        }

        model.Dispose();
    }

    [Theory]
    [InlineData("blocks.0.feed_forward.up.weight", GgufType.F16, 70_000, true)]
    [InlineData("blocks.0.feed_forward.up.bias", GgufType.F16, 70_000, false)] // stays in float32
    [InlineData("blocks.0.feed_forward.up.weight", GgufType.F32, 70_000, false)]
    [InlineData("blocks.0.feed_forward.up.weight", GgufType.Q8, 70_000, false)]
    [InlineData("blocks.0.feed_forward.up.weight", GgufType.Q8, -9_000_000, true)]
    [InlineData("blocks.0.feed_forward.down.weight", GgufType.Q8, 70_000, true)] // rows of 40 become float16
    public void A_weight_that_float16_cannot_hold_is_refused(string name, GgufType type, float weight, bool isRefused)
    {
        PortableModel drawn = ForeignModels.Drawn(ForeignModels.SmallGpt2 with { Width = 32, FeedForwardWidth = 40 });
        using Gpt model = drawn.Model;
        model.Parameters.Data(model.Parameters[name])[5] = weight;
        if (!isRefused)
        {
            GgufExport.Write(File, drawn, type, "test");
            return;
        }

        var error = Assert.Throws<InvalidInputException>(() => GgufExport.Write(File, drawn, type, "test"));
        Assert.Contains($"{name} has the weight", error.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_character_of_several_bytes_is_made_by_rules_of_its_own()
    {
        var tokenizer = new CharacterTokenizer(
            [.. SpecialTokens.All, "a", " ", "é", "漢", "aé"], [new MergeRule("a", "é")], specialTokens: true);
        PortableModel drawn = ForeignModels.Drawn(ForeignModels.SmallGpt2 with { VocabularySize = 9 });
        using Gpt model = drawn.Model;
        GgufExport.Write(File, new PortableModel(model, tokenizer, BeginsText: true), GgufType.F32, "test");
        var file = new GgufReader(File);
        Assert.Equal(["<pad>", "<bos>", "<eos>", "<unk>", "a", "Ġ", "Ã©", "æ¼¢", "aÃ©"], (object[])file.Metadata["tokenizer.ggml.tokens"]);
        Assert.Equal([3, 3, 3, 3, 1, 1, 1, 1, 1], ((object[])file.Metadata["tokenizer.ggml.token_type"]).Cast<int>());
        Assert.Equal(["Ã ©", "æ ¼", "æ¼ ¢", "a Ã©"], (object[])file.Metadata["tokenizer.ggml.merges"]);
        Assert.Equal(1u, file.Metadata["tokenizer.ggml.bos_token_id"]);
        Assert.Equal(2u, file.Metadata["tokenizer.ggml.eos_token_id"]);
        Assert.Equal(true, file.Metadata["tokenizer.ggml.add_bos_token"]);
    }

    [Fact]
    public void Rules_that_llama_cpp_would_not_come_to_are_refused()
    {
        var tokenizer = new CharacterTokenizer(["a", "1", "a1"], [new MergeRule("a", "1")], specialTokens: false);
        PortableModel drawn = ForeignModels.Drawn(ForeignModels.SmallGpt2 with { VocabularySize = 3 });
        using Gpt model = drawn.Model;
        var error = Assert.Throws<InvalidInputException>(
            () => GgufExport.Write(File, new PortableModel(model, tokenizer, BeginsText: false), GgufType.F32, "test"));
        Assert.Contains("the tokenizer joins 'a' and '1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_other_program_computes_is_refused()
    {
        AssertRefused(GptConfig.Minigpt() with { VocabularySize = 13 }, "family minigpt", "model.position rotary", "model.norm layernorm");
        AssertRefused(ForeignModels.SmallGpt2 with { Activation = ActivationKind.Gelu }, "gelu_tanh", "--to hf");
    }

    private void AssertRefused(GptConfig config, params string[] named)
    {
        PortableModel drawn = ForeignModels.Drawn(config);
        using Gpt model = drawn.Model;
        var error = Assert.Throws<InvalidInputException>(() => GgufExport.Write(File, drawn, GgufType.F32, "test"));
        Assert.All(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.False(System.IO.File.Exists(File));
    }

    private GgufReader Written(GptConfig config, GgufType type, out Gpt model)
    {
        PortableModel portable = ForeignModels.Drawn(config);
        model = portable.Model;
        GgufExport.Write(File, portable, type, "test");
        return new GgufReader(File);
    }

    private static float[] Data(Gpt model, string name) => model.Parameters.Data(model.Parameters[name]).ToArray();

    private float[] Floats(GgufReader file, string name)
    {
        (ulong[] sizes, uint type, long place) = file.Tensors[name];
        Assert.Equal(0u, type);
        Assert.Equal(0, place % 32);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        return [.. Enumerable.Range(0, (int)sizes.Aggregate((product, size) => product * size))
            .Select(i => BitConverter.ToSingle(bytes, (int)place + (4 * i)))];
    }
}
