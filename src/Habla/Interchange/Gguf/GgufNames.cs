using Habla.Modeling;

namespace Habla.Interchange.Gguf;

/// <summary>The tensors of a GGUF file of each architecture, in the order in which they are written.</summary>
/// <remarks>github.com/ggml-org/llama.cpp, gguf-py/gguf/tensor_mapping.py and src/models.</remarks>
internal static class GgufNames
{
    /// <summary>Positions are added, not multiplied: they stay in float32.</summary>
    public const string Positions = "position_embd.weight";

    private static readonly string[] _kinds = ["weight", "bias"];

    public static IReadOnlyList<ForeignTensor> Of(ForeignFamily family, GptConfig config)
    {
        var tensors = new List<ForeignTensor>();
        tensors.Add(ForeignTensor.Of("token_embd.weight", ParameterNames.TokenEmbedding));
        if (family == ForeignFamily.Gpt2)
        {
            tensors.Add(ForeignTensor.Of(Positions, ParameterNames.PositionEmbedding));
        }

        for (int i = 0; i < config.LayerCount; i++)
        {
            tensors.AddRange(Gpt2Block($"blk.{i}", $"blocks.{i}"));
        }

        tensors.AddRange(Both("output_norm", "final_norm"));
        if (!config.TieEmbeddings)
        {
            tensors.Add(ForeignTensor.Of("output.weight", ParameterNames.Head));
        }

        return tensors;
    }

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
    private static IEnumerable<ForeignTensor> Both(string there, params string[] here) =>
        _kinds.Select(kind => new ForeignTensor($"{there}.{kind}", [.. here.Select(name => $"{name}.{kind}")]));
}
