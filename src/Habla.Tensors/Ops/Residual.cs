using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>The residual sum y = x + f. Backward: dx = dy, df = dy.</summary>
public sealed unsafe class Residual : Operation
{
    private Tensor _x = null!, _branch = null!;

    /// <summary>Adds a branch to the residual stream.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">Any shape.</param>
    /// <param name="branch">The same shape.</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Add(Tape tape, Tensor x, Tensor branch)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(branch);
        ShapeException.Require(x.Shape == branch.Shape, "residual add", x.Shape, branch.Shape, "both have the same shape");
        Tensor y = tape.Create(x.Shape);
        tape.Pool.ForRows(
            x.Shape.Rows, x.Shape.Columns,
            new Rows { X = x.DataPointer, Branch = branch.DataPointer, Y = y.DataPointer, Columns = x.Shape.Columns });
        if (tape.Records)
        {
            var operation = tape.Record<Residual>(y);
            (operation._x, operation._branch) = (x, branch);
        }

        return y;
    }

    internal override void Backward(Tape tape)
    {
        float* dx = _x.GradientToWrite(out bool accumulate);
        Elementwise.WriteOrAdd(Output.GradientPointer, dx, Output.Shape.Count, accumulate);
        float* dbranch = _branch.GradientToWrite(out accumulate);
        Elementwise.WriteOrAdd(Output.GradientPointer, dbranch, Output.Shape.Count, accumulate);
    }

    private struct Rows : IRowWork
    {
        public float* X, Branch, Y;
        public int Columns;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * Columns;
            Elementwise.Map<Elementwise.Sum>(X + start, Branch + start, Y + start, (long)(to - from) * Columns);
        }
    }
}
