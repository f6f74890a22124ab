using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>
/// Multi-head causal self-attention. Query, key and value are parameters of their own, neighbours in memory, so that one matrix
/// product computes all three. There may be fewer heads of keys and values, each then serves several of queries.
/// </summary>
internal sealed class CausalSelfAttention
{
    private readonly ParameterView _queryKeyValueWeight;
    private readonly ParameterView? _queryKeyValueBias;
    private readonly ParameterView _outputWeight;
    private readonly ParameterView? _outputBias;
    private readonly int _headCount, _keyValueHeadCount;
    private readonly float _dropout;

    public CausalSelfAttention(ParameterSet parameters, string name, GptConfig config)
    {
        int C = config.Width, K = config.KeyValueHeads * config.HeadSize;
        (string Name, int Rows)[] projections = [("query", C), ("key", K), ("value", K)];
        ParameterView[] weights =
            [.. projections.Select(p => parameters.Add($"{name}.{p.Name}.weight", new Shape(p.Rows, C), ParameterKind.Weight))];
        _queryKeyValueWeight = ParameterSet.Stack(weights);
        if (config.AttentionBias)
        {
            ParameterView[] biases =
                [.. projections.Select(p => parameters.Add($"{name}.{p.Name}.bias", new Shape(p.Rows), ParameterKind.Bias))];
            _queryKeyValueBias = ParameterSet.Stack(biases);
        }

        _outputWeight = parameters.Add($"{name}.output.weight", new Shape(C, C), ParameterKind.Weight);
        _outputBias = config.AttentionBias ? parameters.Add($"{name}.output.bias", new Shape(C), ParameterKind.Bias) : null;
        (_headCount, _keyValueHeadCount, _dropout) = (config.HeadCount, config.KeyValueHeads, (float)config.Dropout);
    }

    /// <summary><c>[B, T, C]</c> → <c>[B, T, C]</c>; with a cache, T positions after those that it holds.</summary>
    public Tensor Forward(Tape tape, Tensor x, AttentionMask mask, RotaryTable? rotary, AttentionCache? cache)
    {
        Tensor queryKeyValue = Linear.Apply(
            tape, x, tape.Use(_queryKeyValueWeight), tape.UseOptional(_queryKeyValueBias)); // [B, T, C + 2K], K = H_kv·D
        if (rotary is not null)
        {
            queryKeyValue = RotaryEmbedding.Apply(tape, queryKeyValue, rotary, _keyValueHeadCount, firstPosition: cache?.Length ?? 0);
        }

        Tensor heads = cache is null // [B, T, C]
            ? CausalAttention.Apply(tape, queryKeyValue, _headCount, mask, _dropout, _keyValueHeadCount)
            : CachedAttention.Apply(tape, queryKeyValue, _headCount, cache);
        return Linear.Apply(tape, heads, tape.Use(_outputWeight), tape.UseOptional(_outputBias));
    }
}
