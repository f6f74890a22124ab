using Habla.Modeling;

namespace Habla.Interchange.Gguf;

/// <summary>The tensors of a GGUF file of each architecture, in the order in which they are written.</summary>
/// <remarks>github.com/ggml-org/llama.cpp, gguf-py/gguf/tensor_mapping.py and src/models.</remarks>
internal static class GgufNames
{
    private const string Tokens = "token_embd.weight";

    /// <summary>Positions are added, not multiplied: they stay in float32.</summary>
    public const string Positions = "position_embd.weight";

    public static IReadOnlyList<ForeignTensor> Of(ForeignFamily family, GptConfig config) =>
    [
        .. family == ForeignFamily.Gpt2 ? Gpt2(config) : Llama(config),
        .. config.TieEmbeddings ? Array.Empty<ForeignTensor>() : [ForeignTensor.Of("output.weight", ParameterNames.Head)],
    ];

    private static IEnumerable<ForeignTensor> Gpt2(GptConfig config) =>
    [
        ForeignTensor.Of(Tokens, ParameterNames.TokenEmbedding),
        ForeignTensor.Of(Positions, ParameterNames.PositionEmbedding),
        .. Enumerable.Range(0, config.LayerCount).SelectMany(i => Gpt2Block($"blk.{i}", $"blocks.{i}")),
        .. Both("output_norm", "final_norm"),
    ];

    private static IEnumerable<ForeignTensor> Gpt2Block(string there, string here) =>
    [
        .. Both($"{there}.attn_norm", $"{here}.attention_norm"),
        .. Both($"{there}.attn_qkv", $"{here}.attention.query", $"{here}.attention.key", $"{here}.attention.value"),
        .. Both($"{there}.attn_output", $"{here}.attention.output"),
        .. Both($"{there}.ffn_norm", $"{here}.feed_forward_norm"),
        .. Both($"{there}.ffn_up", $"{here}.feed_forward.up"),
        .. Both($"{there}.ffn_down", $"{here}.feed_forward.down"),
    ];

    /// <summary>Weight and bias of the same thing.</summary>
    private static IEnumerable<ForeignTensor> Both(string there, params string[] here) => ForeignTensor.WeightAndBias(there, here);

    private static IEnumerable<ForeignTensor> Llama(GptConfig config) =>
    [
        ForeignTensor.Of(Tokens, ParameterNames.TokenEmbedding),
        .. Enumerable.Range(0, config.LayerCount).SelectMany(i => LlamaBlock($"blk.{i}", $"blocks.{i}", config)),
        ForeignTensor.Of("output_norm.weight", "final_norm.weight"),
    ];

    private static IEnumerable<ForeignTensor> LlamaBlock(string there, string here, GptConfig config) =>
    [
        ForeignTensor.Of($"{there}.attn_norm.weight", $"{here}.attention_norm.weight"),
        .. Turned($"{there}.attn_q", $"{here}.attention.query", config),
        .. Turned($"{there}.attn_k", $"{here}.attention.key", config),
        .. ForeignTensor.Linear($"{there}.attn_v", [$"{here}.attention.value"], config.AttentionBias),
        .. ForeignTensor.Linear($"{there}.attn_output", [$"{here}.attention.output"], config.AttentionBias),
        ForeignTensor.Of($"{there}.ffn_norm.weight", $"{here}.feed_forward_norm.weight"),
        .. ForeignTensor.Linear($"{there}.ffn_gate", [$"{here}.feed_forward.gate"], config.FeedForwardBias),
        .. ForeignTensor.Linear($"{there}.ffn_up", [$"{here}.feed_forward.up"], config.FeedForwardBias),
        .. ForeignTensor.Linear($"{there}.ffn_down", [$"{here}.feed_forward.down"], config.FeedForwardBias),
    ];

    /// <summary>Queries and keys, which rotary positions turn: llama.cpp turns neighbours, this engine pairs half a head apart.</summary>
    private static IEnumerable<ForeignTensor> Turned(string there, string here, GptConfig config) =>
        ForeignTensor.Linear(there, [here], config.AttentionBias, TensorLayout.PairedRows, config.HeadSize);
}
