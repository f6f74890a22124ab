using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Layer normalization of each row: x̂ = (x − mean)/√(variance + ε), y = x̂·gain + bias.
/// Backward, with g = dy·gain: dx = (g − mean(g) − x̂·mean(g·x̂))/√(variance + ε), dgain = Σ dy·x̂, dbias = Σ dy.
/// </summary>
/// <remarks>Ba, Kiros and Hinton, "Layer normalization", 2016.</remarks>
public sealed unsafe class LayerNorm : Operation
{
    /// <summary>ε by default: keeps the division defined for a row of equal numbers.</summary>
    public const float Epsilon = 1e-5f;

    private Tensor _x = null!, _gain = null!, _bias = null!;
    private float* _means, _scales;

    /// <summary>Normalizes each row.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, C]</c></param>
    /// <param name="gain"><c>[C]</c></param>
    /// <param name="bias"><c>[C]</c></param>
    /// <param name="epsilon">ε; above 0. Default <see cref="Epsilon"/>.</param>
    /// <returns><c>[…, C]</c></returns>
    /// <exception cref="ShapeException">The gain or the bias is not as wide as a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epsilon"/> is not above 0.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor gain, Tensor bias, float epsilon = Epsilon)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(gain);
        tape.RequireOwn(bias);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        var row = new Shape(x.Shape.Columns);
        ShapeException.Require(gain.Shape == row, "layer norm", x.Shape, gain.Shape, "the gain is as wide as a row of x");
        ShapeException.Require(bias.Shape == row, "layer norm", x.Shape, bias.Shape, "the bias is as wide as a row of x");
        Tensor y = RowNorm<Centered>.Forward(tape, x, gain, bias, epsilon, out float* means, out float* scales);
        if (tape.Stores(y))
        {
            var operation = tape.Record<LayerNorm>(y);
            (operation._x, operation._gain, operation._bias) = (x, gain, bias);
            operation._means = means;
            operation._scales = scales;
        }

        return y;
    }

    internal override string Description => $"LayerNorm with {_gain.ParameterName}";

    internal override void Backward(Tape tape)
    {
        float* dy = Output.GradientPointer;
        RowNorm<Centered>.Backward(tape, dy, _x, _gain, _means, _scales);
        ColumnSums.Compute(dy, _x.Shape.Rows, _x.Shape.Columns, _bias.ParameterGradientToWrite(), tape.Pool);
    }
}
