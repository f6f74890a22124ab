using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Layer normalization of each row: x̂ = (x − mean)/√(variance + ε), y = x̂·gain + bias.
/// Backward, with g = dy·gain: dx = (g − mean(g) − x̂·mean(g·x̂))/√(variance + ε), dgain = Σ dy·x̂, dbias = Σ dy.
/// </summary>
/// <remarks>Ba, Kiros and Hinton, "Layer normalization", 2016.</remarks>
public sealed unsafe class LayerNorm : Operation
{
    /// <summary>ε: keeps the division defined for a row of equal numbers.</summary>
    public const float Epsilon = LayerNormForward.Epsilon;

    private Tensor _x = null!, _gain = null!, _bias = null!;
    private float* _means, _scales;

    /// <summary>Normalizes each row.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, C]</c></param>
    /// <param name="gain"><c>[C]</c></param>
    /// <param name="bias"><c>[C]</c></param>
    /// <returns><c>[…, C]</c></returns>
    /// <exception cref="ShapeException">The gain or the bias is not as wide as a row.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor gain, Tensor bias)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(gain);
        tape.RequireOwn(bias);
        var row = new Shape(x.Shape.Columns);
        ShapeException.Require(gain.Shape == row, "layer norm", x.Shape, gain.Shape, "the gain is as wide as a row of x");
        ShapeException.Require(bias.Shape == row, "layer norm", x.Shape, bias.Shape, "the bias is as wide as a row of x");
        Tensor y = tape.CreateOutput(x.Shape);
        float* means = tape.AllocateFloats(x.Shape.Rows);
        float* scales = tape.AllocateFloats(x.Shape.Rows);
        tape.Pool.ForRows(
            x.Shape.Rows, x.Shape.Columns,
            new LayerNormForward
            {
                X = x.DataPointer, Gain = gain.DataPointer, Bias = bias.DataPointer, Y = y.DataPointer,
                Means = means, Scales = scales, Columns = x.Shape.Columns,
            });
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
        int rows = _x.Shape.Rows, columns = _x.Shape.Columns;
        float* dy = Output.GradientPointer;
        float* dx = _x.GradientToWrite(out bool accumulate);
        tape.Pool.ForRows(
            rows, columns,
            new LayerNormBackward
            {
                X = _x.DataPointer, Gain = _gain.DataPointer, Dy = dy, Dx = dx,
                Means = _means, Scales = _scales, Columns = columns, Accumulate = accumulate,
            });

        ParameterGradientTarget dgain = _gain.ParameterGradientToWrite();
        for (int place = 0, share = rows / dgain.Places; place < dgain.Places; place++)
        {
            tape.Pool.ForRows(
                (columns + Lanes.Count - 1) / Lanes.Count, (long)share * Lanes.Count,
                new LayerNormGainGradient
                {
                    X = _x.DataPointer + ((long)place * share * columns), Dy = dy + ((long)place * share * columns),
                    Means = _means + (place * share), Scales = _scales + (place * share), Gradient = dgain[place],
                    Rows = share, Columns = columns, MicroBatches = dgain.MicroBatchesPerPlace, Accumulate = dgain.Accumulate,
                });
        }

        ColumnSums.Compute(dy, rows, columns, _bias.ParameterGradientToWrite(), tape.Pool);
    }
}
