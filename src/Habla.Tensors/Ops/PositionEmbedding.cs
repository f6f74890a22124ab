using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Adds to each token a learned vector for its position: y[b, t] = x[b, t] + table[first + t].
/// Backward: dx = dy, dtable[first + t] = Σ over b of dy[b, t].
/// </summary>
public sealed unsafe class PositionEmbedding : Operation
{
    private Tensor _x = null!, _table = null!;
    private int _firstPosition;

    /// <summary>Adds the position vectors.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[B, T, C]</c></param>
    /// <param name="table"><c>[max T, C]</c></param>
    /// <param name="firstPosition">Where the T positions begin; default 0.</param>
    /// <returns><c>[B, T, C]</c></returns>
    /// <exception cref="ShapeException">The positions end behind the table, or the widths differ.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor table, int firstPosition = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        tape.RequireOwn(table);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        ShapeException.Require(
            x.Shape.Rank == 3 && table.Shape.Rank == 2 && x.Shape[2] == table.Shape[1]
                && firstPosition + (long)x.Shape[1] <= table.Shape[0],
            "position embedding", x.Shape, table.Shape, "x is [B, T, C], the table [max T, C] with T ≤ max T");
        Tensor y = tape.CreateOutput(x.Shape);
        long sample = (long)x.Shape[1] * x.Shape[2];
        float* positions = table.DataPointer + ((long)firstPosition * x.Shape[2]);
        for (int b = 0; b < x.Shape[0]; b++)
        {
            Elementwise.Map<Elementwise.Sum>(x.DataPointer + (b * sample), positions, y.DataPointer + (b * sample), sample);
        }

        if (tape.Stores(y))
        {
            var operation = tape.Record<PositionEmbedding>(y);
            (operation._x, operation._table, operation._firstPosition) = (x, table, firstPosition);
        }

        return y;
    }

    internal override string Description => $"PositionEmbedding with {_table.ParameterName}";

    internal override void Backward(Tape tape)
    {
        int samples = _x.Shape[0];
        long sample = (long)_x.Shape[1] * _x.Shape[2];
        ParameterGradientTarget target = _table.ParameterGradientToWrite(eachMicroBatchApart: true);
        for (int place = 0, share = samples / target.Places; place < target.Places; place++)
        {
            float* dtable = target[place];
            if (!target.Accumulate)
            {
                new Span<float>(dtable, _table.Shape.Count).Clear();
            }

            dtable += (long)_firstPosition * _x.Shape[2];
            for (int b = place * share; b < (place + 1) * share; b++)
            {
                Elementwise.Map<Elementwise.Sum>(dtable, Output.GradientPointer + (b * sample), dtable, sample);
            }
        }

        float* dx = _x.GradientToWrite(out bool accumulate);
        Elementwise.WriteOrAdd(Output.GradientPointer, dx, _x.Shape.Count, accumulate);
    }
}
