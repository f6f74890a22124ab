using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>A transformer block, pre-norm: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
internal sealed class Block
{
    private readonly Norm _attentionNorm;
    private readonly CausalSelfAttention _attention;
    private readonly Norm _feedForwardNorm;
    private readonly FeedForward _feedForward;
    private readonly float _dropout;

    public Block(ParameterSet parameters, string name, GptConfig config)
    {
        _attentionNorm = new Norm(parameters, $"{name}.attention_norm", config);
        _attention = new CausalSelfAttention(parameters, $"{name}.attention", config);
        _feedForwardNorm = new Norm(parameters, $"{name}.feed_forward_norm", config);
        _feedForward = new FeedForward(parameters, $"{name}.feed_forward", config);
        _dropout = (float)config.Dropout;
    }

    /// <summary><c>[B, T, C]</c> → <c>[B, T, C]</c></summary>
    public Tensor Forward(Tape tape, Tensor x, AttentionMask mask, RotaryTable? rotary, AttentionCache? cache)
    {
        Tensor attended = _attention.Forward(tape, _attentionNorm.Forward(tape, x), mask, rotary, cache);
        x = Residual.Add(tape, x, attended, _dropout);
        Tensor fed = _feedForward.Forward(tape, _feedForwardNorm.Forward(tape, x));
        return Residual.Add(tape, x, fed, _dropout);
    }
}
