using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// The linear map y = x·Wᵀ + b over the innermost dimension.
/// Backward: dx = dy·W, dW = dyᵀ·x, db = Σ over rows of dy.
/// </summary>
/// <remarks>
/// Three products (<see cref="Gemm"/>): 73 % of a step of the preset nanogpt-cpu on one thread. The bias is what the sums start from, and
/// a gradient that is added to as well, so neither takes a pass of its own. Wᵀ may be packed already (<see cref="PackedWeights"/>), or stored
/// for inference in fewer bits (<see cref="InferenceWeights"/>).
/// </remarks>
public sealed unsafe class Linear : Operation
{
    private Tensor _x = null!, _weight = null!;
    private Tensor? _bias;

    /// <summary>Applies the map.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="weight"><c>[out, in]</c></param>
    /// <param name="bias"><c>[out]</c>, or null for none.</param>
    /// <param name="inFloat32">Whether the result is stored in float32 whatever the tape's format is, as logits are; default false.</param>
    /// <returns><c>[…, out]</c></returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor? bias = null, bool inFloat32 = false)
    {
        Tensor y = CreateOutput(tape, x, weight, bias, inFloat32);
        Forward(tape, x, weight, bias, y.DataPointer);
        if (tape.Stores(y))
        {
            var operation = tape.Record<Linear>(y);
            (operation._x, operation._weight, operation._bias) = (x, weight, bias);
        }

        return y;
    }

    internal override string Description => $"Linear with {_weight.ParameterName}";

    internal override void Backward(Tape tape)
    {
        float* gradient = Output.GradientPointer;
        if (Output.Format == ActivationFormat.Float32)
        {
            // In place: the gradient of y is wanted nowhere else. That of a 16-bit tensor is rounded already.
            SixteenBits.RoundInPlace(tape.Format, gradient, Output.Shape.Count, tape.Pool);
        }

        Backward(tape, _x, _weight, _bias, gradient);
    }

    /// <summary>Checks the arguments of a linear map and makes the tensor for what it gives.</summary>
    internal static Tensor CreateOutput(Tape tape, Tensor x, Tensor weight, Tensor? bias, bool inFloat32 = false)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(weight);
        ShapeException.Require(
            weight.Shape.Rank == 2 && weight.Shape[1] == x.Shape.Columns,
            "linear", x.Shape, weight.Shape, "the weight is [out, in], and in is the innermost size of x");
        if (bias is not null)
        {
            tape.RequireOwn(bias);
            ShapeException.Require(
                bias.Shape == new Shape(weight.Shape[0]), "linear", weight.Shape, bias.Shape,
                "the bias is [out] of the weight's [out, in]");
        }

        Shape shape = x.Shape.WithColumns(weight.Shape[0]);
        return inFloat32 ? tape.Create(shape) : tape.CreateOutput(shape);
    }

    /// <summary>y = x·Wᵀ + b.</summary>
    internal static void Forward(Tape tape, Tensor x, Tensor weight, Tensor? bias, float* y)
    {
        int inputs = weight.Shape[1], outputs = weight.Shape[0];
        MatrixView rows = MatrixView.RowMajor(x.DataPointer, inputs);
        SumStart start = bias is null ? SumStart.Zero : SumStart.Row(bias.DataPointer);
        if (tape.FindStored(weight) is { } stored)
        {
            stored.Multiply(x.Shape.Rows, x.DataPointer, y, start, tape.Pool);
            return;
        }

        float* packed = tape.FindPacked(weight);
        if (packed is not null)
        {
            Gemm.MultiplyPacked(x.Shape.Rows, outputs, inputs, rows, packed, y, outputs, start);
            return;
        }

        Gemm.Multiply(
            x.Shape.Rows, outputs, inputs, rows, MatrixView.RowMajor(weight.DataPointer, inputs).Transposed, y, outputs, start,
            tape.Pool);
    }

    /// <summary>From dy to the gradients of x, W and b.</summary>
    internal static void Backward(Tape tape, Tensor x, Tensor weight, Tensor? bias, float* gradient)
    {
        int rows = x.Shape.Rows, inputs = weight.Shape[1], outputs = weight.Shape[0];
        MatrixView dy = MatrixView.RowMajor(gradient, outputs);

        int windows = tape.Windows?.OpenCount ?? 0;
        float* dx = x.GradientToWrite(out bool accumulate);
        Gemm.Multiply(
            rows, inputs, outputs, dy, MatrixView.RowMajor(weight.DataPointer, inputs), dx, inputs,
            accumulate ? SumStart.Matrix(dx, inputs) : SumStart.Zero, tape.Pool);
        tape.Windows?.Close(changed: null, windows); // dx, which so is not there beside x

        ParameterGradientTarget dw = weight.ParameterGradientToWrite();
        for (int place = 0, share = rows / dw.Places; place < dw.Places; place++)
        {
            Gemm.MultiplyInParts(
                outputs, inputs, share, dw.MicroBatchesPerPlace, dy.From(place * share, 0).Transposed,
                MatrixView.RowMajor(x.DataPointer, inputs).From(place * share, 0), dw[place], inputs, dw.Accumulate, tape.Pool);
        }

        if (bias is not null)
        {
            ColumnSums.Compute(gradient, rows, outputs, bias.ParameterGradientToWrite(), tape.Pool);
        }
    }
}
