using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>The feed-forward block: up to F, GELU, down to C.</summary>
internal sealed class FeedForward
{
    private readonly ParameterView _upWeight, _downWeight;
    private readonly ParameterView? _upBias, _downBias;
    private readonly GeluForm _activation;

    public FeedForward(ParameterSet parameters, string name, GptConfig config)
    {
        int C = config.Width, F = config.FeedForwardWidth;
        _upWeight = parameters.Add($"{name}.up.weight", new Shape(F, C), ParameterKind.Weight);
        _upBias = config.FeedForwardBias ? parameters.Add($"{name}.up.bias", new Shape(F), ParameterKind.Bias) : null;
        _downWeight = parameters.Add($"{name}.down.weight", new Shape(C, F), ParameterKind.Weight);
        _downBias = config.FeedForwardBias ? parameters.Add($"{name}.down.bias", new Shape(C), ParameterKind.Bias) : null;
        _activation = config.Activation == ActivationKind.Gelu ? GeluForm.Exact : GeluForm.Tanh;
    }

    /// <summary><c>[B, T, C]</c> → <c>[B, T, C]</c></summary>
    public Tensor Forward(Tape tape, Tensor x)
    {
        Tensor hidden = LinearGelu.Apply(tape, x, tape.Use(_upWeight), tape.UseOptional(_upBias), _activation); // [B, T, F]
        return Linear.Apply(tape, hidden, tape.Use(_downWeight), tape.UseOptional(_downBias));
    }
}
