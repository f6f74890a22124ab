using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// The linear map y = x·Wᵀ + b over the innermost dimension.
/// Backward: dx = dy·W, dW = dyᵀ·x, db = Σ over rows of dy.
/// </summary>
public sealed unsafe class Linear : Operation
{
    private Tensor _x = null!, _weight = null!;
    private Tensor? _bias;

    /// <summary>Applies the map.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="weight"><c>[out, in]</c></param>
    /// <param name="bias"><c>[out]</c>, or null for none.</param>
    /// <returns><c>[…, out]</c></returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(weight);
        ShapeException.Require(
            weight.Shape.Rank == 2 && weight.Shape[1] == x.Shape.Columns,
            "linear", x.Shape, weight.Shape, "the weight is [out, in], and in is the innermost size of x");
        int outputs = weight.Shape[0];
        if (bias is not null)
        {
            tape.RequireOwn(bias);
            ShapeException.Require(
                bias.Shape == new Shape(outputs), "linear", weight.Shape, bias.Shape, "the bias is [out] of the weight's [out, in]");
        }

        Tensor y = tape.Create(x.Shape.WithColumns(outputs));
        int rows = x.Shape.Rows, inputs = x.Shape.Columns;
        if (bias is not null)
        {
            ReadOnlySpan<float> values = bias.Data;
            for (int row = 0; row < rows; row++)
            {
                values.CopyTo(new Span<float>(y.DataPointer + ((long)row * outputs), outputs));
            }
        }

        Gemm.Multiply(
            rows, outputs, inputs,
            MatrixView.RowMajor(x.DataPointer, inputs),
            MatrixView.RowMajor(weight.DataPointer, inputs).Transposed,
            y.DataPointer, outputs, accumulate: bias is not null, tape.Pool);

        if (tape.Records)
        {
            var operation = tape.Record<Linear>(y);
            (operation._x, operation._weight, operation._bias) = (x, weight, bias);
        }

        return y;
    }

    internal override string Description => $"Linear with {_weight.ParameterName}";

    internal override void Backward(Tape tape)
    {
        int rows = _x.Shape.Rows, inputs = _weight.Shape[1], outputs = _weight.Shape[0];
        MatrixView dy = MatrixView.RowMajor(Output.GradientPointer, outputs);

        float* dx = _x.GradientToWrite(out bool accumulate);
        Gemm.Multiply(
            rows, inputs, outputs, dy, MatrixView.RowMajor(_weight.DataPointer, inputs), dx, inputs, accumulate, tape.Pool);

        float* dw = _weight.GradientToWrite(out accumulate);
        Gemm.Multiply(
            outputs, inputs, rows, dy.Transposed, MatrixView.RowMajor(_x.DataPointer, inputs), dw, inputs, accumulate, tape.Pool);

        if (_bias is not null)
        {
            float* db = _bias.GradientToWrite(out accumulate);
            ColumnSums.Compute(Output.GradientPointer, rows, outputs, db, accumulate, tape.Pool);
        }
    }
}
