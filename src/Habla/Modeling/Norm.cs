using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>LayerNorm with a learned gain and bias.</summary>
internal sealed class Norm(ParameterSet parameters, string name, int width)
{
    private readonly ParameterView _gain = parameters.Add($"{name}.weight", new Shape(width), ParameterKind.Gain);
    private readonly ParameterView _bias = parameters.Add($"{name}.bias", new Shape(width), ParameterKind.Bias);

    /// <summary><c>[…, C]</c> → <c>[…, C]</c></summary>
    public Tensor Forward(Tape tape, Tensor x) => LayerNorm.Apply(tape, x, tape.Use(_gain), tape.Use(_bias));
}
