using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// The gated activation of Llama's feed-forward: y = silu(gate)∘up with silu(x) = x·σ(x), σ(x) = 1/(1 + e^(−x)).
/// Backward: dgate = dy∘up∘silu′(gate), dup = dy∘silu(gate), with silu′(x) = σ(x) + x·σ(x)(1 − σ(x)).
/// </summary>
/// <remarks>
/// Shazeer, "GLU variants improve transformer", 2020. Gate and up come side by side from one matrix product (<see cref="Linear"/>). The
/// way back computes σ again: keeping it would take a third more memory and spare sixteen instructions a vector.
/// </remarks>
public sealed unsafe class SwiGlu : Operation
{
    private Tensor _x = null!;

    /// <summary>Applies the activation.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, 2F]</c>: gate and up side by side.</param>
    /// <returns><c>[…, F]</c></returns>
    /// <exception cref="ShapeException">The innermost size is odd.</exception>
    /// <exception cref="ArgumentException">The tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        if (x.Shape.Columns % 2 != 0)
        {
            throw new ShapeException($"SwiGLU: {x.Shape} does not fit: x is [..., 2F], gate and up side by side");
        }

        Tensor y = tape.CreateOutput(x.Shape.WithColumns(x.Shape.Columns / 2));
        tape.Pool.ForRows(
            y.Shape.Rows, 2 * y.Shape.Columns,
            new SwiGluForward { X = x.DataPointer, Y = y.DataPointer, Columns = y.Shape.Columns });
        if (tape.Stores(y))
        {
            tape.Record<SwiGlu>(y)._x = x;
        }

        return y;
    }

    internal override void Backward(Tape tape)
    {
        float* dy = Output.GradientPointer;
        float* dx = _x.GradientToWrite(out bool accumulate);
        tape.Pool.ForRows(
            Output.Shape.Rows, 2 * Output.Shape.Columns,
            new SwiGluBackward
            {
                X = _x.DataPointer, Dy = dy, Dx = dx, Columns = Output.Shape.Columns, Accumulate = accumulate,
            });
    }
}
