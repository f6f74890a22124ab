using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Normalization of each row by its root mean square: x̂ = x/√(mean(x²) + ε), y = x̂·gain. LayerNorm without the mean and the bias.
/// Backward, with g = dy·gain: dx = (g − x̂·mean(g·x̂))/√(mean(x²) + ε), dgain = Σ dy·x̂.
/// </summary>
/// <remarks>Zhang and Sennrich, "Root mean square layer normalization", 2019.</remarks>
public sealed unsafe class RmsNorm : Operation
{
    private Tensor _x = null!, _gain = null!;
    private float* _scales;

    /// <summary>Normalizes each row.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, C]</c></param>
    /// <param name="gain"><c>[C]</c></param>
    /// <param name="epsilon">ε; above 0. Default <see cref="LayerNorm.Epsilon"/>.</param>
    /// <returns><c>[…, C]</c></returns>
    /// <exception cref="ShapeException">The gain is not as wide as a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epsilon"/> is not above 0.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor gain, float epsilon = LayerNorm.Epsilon)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(gain);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        ShapeException.Require(
            gain.Shape == new Shape(x.Shape.Columns), "RMS norm", x.Shape, gain.Shape, "the gain is as wide as a row of x");
        Tensor y = RowNorm<Uncentered>.Forward(tape, x, gain, bias: null, epsilon, out _, out float* scales);
        if (tape.Stores(y))
        {
            var operation = tape.Record<RmsNorm>(y);
            (operation._x, operation._gain) = (x, gain);
            operation._scales = scales;
        }

        return y;
    }

    internal override string Description => $"RmsNorm with {_gain.ParameterName}";

    internal override void Backward(Tape tape) =>
        RowNorm<Uncentered>.Backward(tape, Output.GradientPointer, _x, _gain, means: null, _scales);
}
