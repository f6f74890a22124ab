using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>
/// The feed-forward block: up to F, GELU, down to C. With SwiGLU a gate stands beside the way up, its neighbour in memory, so that one
/// matrix product computes both.
/// </summary>
internal sealed class FeedForward
{
    private readonly ParameterView _upWeight, _downWeight;
    private readonly ParameterView? _upBias, _downBias;
    private readonly ActivationKind _activation;

    public FeedForward(ParameterSet parameters, string name, GptConfig config)
    {
        int C = config.Width, F = config.FeedForwardWidth;
        string[] projections = config.Activation == ActivationKind.Swiglu ? ["gate", "up"] : ["up"];
        _upWeight = ParameterSet.Stack(
            [.. projections.Select(p => parameters.Add($"{name}.{p}.weight", new Shape(F, C), ParameterKind.Weight))]);
        _upBias = config.FeedForwardBias
            ? ParameterSet.Stack([.. projections.Select(p => parameters.Add($"{name}.{p}.bias", new Shape(F), ParameterKind.Bias))])
            : null;
        _downWeight = parameters.Add($"{name}.down.weight", new Shape(C, F), ParameterKind.Weight);
        _downBias = config.FeedForwardBias ? parameters.Add($"{name}.down.bias", new Shape(C), ParameterKind.Bias) : null;
        _activation = config.Activation;
    }

    /// <summary><c>[B, T, C]</c> → <c>[B, T, C]</c></summary>
    public Tensor Forward(Tape tape, Tensor x)
    {
        Tensor weight = tape.Use(_upWeight); // [F, C], or [2F, C] with a gate
        Tensor? bias = tape.UseOptional(_upBias);
        Tensor hidden = _activation switch // [B, T, F]
        {
            ActivationKind.Swiglu => SwiGlu.Apply(tape, Linear.Apply(tape, x, weight, bias)),
            ActivationKind.Gelu => LinearGelu.Apply(tape, x, weight, bias, GeluForm.Exact),
            _ => LinearGelu.Apply(tape, x, weight, bias, GeluForm.Tanh),
        };
        return Linear.Apply(tape, hidden, tape.Use(_downWeight), tape.UseOptional(_downBias));
    }
}
