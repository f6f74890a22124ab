using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>A norm with a learned gain, and with a bias when it is LayerNorm.</summary>
internal sealed class Norm
{
    private readonly ParameterView _gain;
    private readonly ParameterView? _bias;
    private readonly float _epsilon;

    public Norm(ParameterSet parameters, string name, GptConfig config)
    {
        var row = new Shape(config.Width);
        _gain = parameters.Add($"{name}.weight", row, ParameterKind.Gain);
        _bias = config.Norm == NormKind.Layernorm ? parameters.Add($"{name}.bias", row, ParameterKind.Bias) : null;
        _epsilon = (float)config.NormEpsilon;
    }

    /// <summary><c>[…, C]</c> → <c>[…, C]</c></summary>
    public Tensor Forward(Tape tape, Tensor x) => _bias is null
        ? RmsNorm.Apply(tape, x, tape.Use(_gain), _epsilon)
        : LayerNorm.Apply(tape, x, tape.Use(_gain), tape.Use(_bias), _epsilon);
}
