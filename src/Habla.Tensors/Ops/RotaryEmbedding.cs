using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Rotary position embedding: turns each pair (i, i + D/2) of every query and key by an angle that grows with the position, so that
/// their dot product depends on the distance alone. In place.
/// (a, b) → (a·cos − b·sin, b·cos + a·sin). Backward: the gradient is turned back by the same angle.
/// </summary>
/// <remarks>Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021; pairs as in Llama's "rotate half".</remarks>
public sealed unsafe class RotaryEmbedding : Operation
{
    private RotaryTable _table = null!;
    private int _firstPosition, _valueColumns;

    /// <summary>Turns the queries and keys.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="queryKeyValue">
    /// <c>[B, T, (H + 2·H_kv)·D]</c>: queries, keys, values side by side; the values stay.
    /// </param>
    /// <param name="table">Covers all the positions, of heads of size D.</param>
    /// <param name="keyValueHeadCount">H_kv, heads of keys and of values. Default 0: a third of all, as many as of queries.</param>
    /// <param name="firstPosition">Where the T positions begin; default 0.</param>
    /// <returns>The same tensor, changed.</returns>
    /// <exception cref="ShapeException">
    /// The width is not a multiple of 3D, or of D with room for queries, or the table is too short.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keyValueHeadCount"/> is negative.</exception>
    /// <exception cref="ArgumentException">
    /// The tensor was made on another tape, or before this one was reset; or another operation has read it already.
    /// </exception>
    public static Tensor Apply(
        Tape tape, Tensor queryKeyValue, RotaryTable table, int keyValueHeadCount = 0, int firstPosition = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwnUnread(queryKeyValue);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(keyValueHeadCount);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        Shape shape = queryKeyValue.Shape;
        long keyValue = (long)keyValueHeadCount * table.HeadSize;
        ShapeException.Require(
            shape.Rank == 3 && firstPosition + (long)shape[1] <= table.Positions && (keyValue == 0
                ? shape[2] % (3L * table.HeadSize) == 0
                : shape[2] % table.HeadSize == 0 && shape[2] >= (2 * keyValue) + table.HeadSize),
            "rotary embedding", shape, new Shape(table.Positions, table.HeadSize),
            "x is [B, T, (heads of queries, keys and values) × D], the table covers [positions ≥ T, D]");
        int valueColumns = keyValue == 0 ? shape[2] / 3 : (int)keyValue;
        Rotate(tape.Pool, queryKeyValue.DataPointer, shape, valueColumns, table, firstPosition, direction: 1);
        if (tape.Stores(queryKeyValue))
        {
            var operation = tape.Record<RotaryEmbedding>(queryKeyValue);
            (operation._table, operation._firstPosition, operation._valueColumns) = (table, firstPosition, valueColumns);
        }

        return queryKeyValue;
    }

    internal override bool IsInPlace => true;

    internal override void Backward(Tape tape) =>
        Rotate(tape.Pool, Output.GradientPointer, Output.Shape, _valueColumns, _table, _firstPosition, direction: -1);

    private static void Rotate(
        WorkerPool pool, float* x, Shape shape, int valueColumns, RotaryTable table, int first, float direction)
    {
        fixed (float* cosines = table.Cosines, sines = table.Sines)
        {
            pool.ForRows(
                shape.Rows, shape.Columns,
                new Rows
                {
                    X = x, Cosines = cosines, Sines = sines, Direction = direction,
                    Positions = shape[1], First = first, Columns = shape.Columns, Turned = shape.Columns - valueColumns,
                    HeadSize = table.HeadSize,
                });
        }
    }

    private struct Rows : IRowWork
    {
        public float* X, Cosines, Sines;
        public float Direction;
        public int Positions, First, Columns, Turned, HeadSize;

        public readonly void Run(int from, int to)
        {
            int half = HeadSize / 2;
            for (int row = from; row < to; row++)
            {
                long position = First + (row % Positions);
                float* cosines = Cosines + (position * half);
                float* sines = Sines + (position * half);
                float* end = X + ((long)row * Columns) + Turned;
                for (float* head = X + ((long)row * Columns); head < end; head += HeadSize)
                {
                    Turn(head, cosines, sines, half);
                }
            }
        }

        private readonly void Turn(float* head, float* cosines, float* sines, int half)
        {
            // Eight pairs at a time: heads of 16 have no more.
            int i = 0;
            for (; i <= half - 8; i += 8)
            {
                Vector256<float> a = Vector256.Load(head + i), b = Vector256.Load(head + i + half);
                Vector256<float> cos = Vector256.Load(cosines + i), sin = Vector256.Load(sines + i) * Vector256.Create(Direction);
                ((a * cos) - (b * sin)).Store(head + i);
                ((b * cos) + (a * sin)).Store(head + i + half);
            }

            for (; i < half; i++)
            {
                float a = head[i], b = head[i + half], sin = sines[i] * Direction;
                head[i] = (a * cosines[i]) - (b * sin);
                head[i + half] = (b * cosines[i]) + (a * sin);
            }
        }
    }
}
