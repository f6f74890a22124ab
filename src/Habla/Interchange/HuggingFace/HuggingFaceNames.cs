using Habla.Modeling;

namespace Habla.Interchange.HuggingFace;

/// <summary>The tensors of a Hugging Face model of each architecture, in the order in which they are written.</summary>
/// <remarks>github.com/huggingface/transformers, models/gpt2/modeling_gpt2.py and models/llama/modeling_llama.py.</remarks>
internal static class HuggingFaceNames
{
    /// <summary>The head, which files of tied models may have too.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>What GPT-2's names begin with; its oldest files leave it out.</summary>
    public const string Gpt2Prefix = "transformer.";

    // Masks and angles that older versions saved beside the weights; they follow from the configuration.
    private static readonly string[] _computed = [".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq"];

    /// <summary>Whether a tensor is no weight, but something that is computed anyway.</summary>
    public static bool IsComputed(string name) => _computed.Any(end => name.EndsWith(end, StringComparison.Ordinal));

    public static IReadOnlyList<ForeignTensor> Of(ForeignFamily family, GptConfig config) =>
    [
        .. family == ForeignFamily.Gpt2 ? Gpt2(config) : Llama(config),
        .. config.TieEmbeddings ? Array.Empty<ForeignTensor>() : [ForeignTensor.Of(Head, ParameterNames.Head)],
    ];

    private static IEnumerable<ForeignTensor> Gpt2(GptConfig config) =>
    [
        ForeignTensor.Of($"{Gpt2Prefix}wte.weight", ParameterNames.TokenEmbedding),
        ForeignTensor.Of($"{Gpt2Prefix}wpe.weight", ParameterNames.PositionEmbedding),
        .. Enumerable.Range(0, config.LayerCount).SelectMany(i => Gpt2Block($"{Gpt2Prefix}h.{i}", $"blocks.{i}")),
        .. Both($"{Gpt2Prefix}ln_f", "final_norm"),
    ];

    private static IEnumerable<ForeignTensor> Gpt2Block(string there, string here) =>
    [
        .. Both($"{there}.ln_1", $"{here}.attention_norm"),
        .. Both($"{there}.attn.c_attn", $"{here}.attention.query", $"{here}.attention.key", $"{here}.attention.value"),
        .. Both($"{there}.attn.c_proj", $"{here}.attention.output"),
        .. Both($"{there}.ln_2", $"{here}.feed_forward_norm"),
        .. Both($"{there}.mlp.c_fc", $"{here}.feed_forward.up"),
        .. Both($"{there}.mlp.c_proj", $"{here}.feed_forward.down"),
    ];

    /// <summary>Weight and bias of the same thing; GPT-2's matrices have an input a row.</summary>
    private static IEnumerable<ForeignTensor> Both(string there, params string[] here) =>
        ForeignTensor.WeightAndBias(there, here, TensorLayout.InputRows);

    private static IEnumerable<ForeignTensor> Llama(GptConfig config) =>
    [
        ForeignTensor.Of("model.embed_tokens.weight", ParameterNames.TokenEmbedding),
        .. Enumerable.Range(0, config.LayerCount).SelectMany(i => LlamaBlock($"model.layers.{i}", $"blocks.{i}", config)),
        ForeignTensor.Of("model.norm.weight", "final_norm.weight"),
    ];

    private static IEnumerable<ForeignTensor> LlamaBlock(string there, string here, GptConfig config) =>
    [
        ForeignTensor.Of($"{there}.input_layernorm.weight", $"{here}.attention_norm.weight"),
        .. Linear($"{there}.self_attn.q_proj", $"{here}.attention.query", config.AttentionBias),
        .. Linear($"{there}.self_attn.k_proj", $"{here}.attention.key", config.AttentionBias),
        .. Linear($"{there}.self_attn.v_proj", $"{here}.attention.value", config.AttentionBias),
        .. Linear($"{there}.self_attn.o_proj", $"{here}.attention.output", config.AttentionBias),
        ForeignTensor.Of($"{there}.post_attention_layernorm.weight", $"{here}.feed_forward_norm.weight"),
        .. Linear($"{there}.mlp.gate_proj", $"{here}.feed_forward.gate", config.FeedForwardBias),
        .. Linear($"{there}.mlp.up_proj", $"{here}.feed_forward.up", config.FeedForwardBias),
        .. Linear($"{there}.mlp.down_proj", $"{here}.feed_forward.down", config.FeedForwardBias),
    ];

    private static IEnumerable<ForeignTensor> Linear(string there, string here, bool bias) =>
        ForeignTensor.Linear(there, [here], bias);
}
