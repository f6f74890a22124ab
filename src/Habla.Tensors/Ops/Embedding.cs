using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Looks up a row of a table for each id: y[i] = table[ids[i]].
/// Backward: dtable[ids[i]] += dy[i], in the order of i.
/// </summary>
public sealed unsafe class Embedding : Operation
{
    private Tensor _table = null!;
    private int[] _ids = [];
    private int _count;

    /// <summary>Looks up the rows.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="table"><c>[V, C]</c></param>
    /// <param name="ids">B × T ids, each in [0, V).</param>
    /// <param name="batchSize">B</param>
    /// <returns><c>[B, T, C]</c></returns>
    /// <exception cref="ShapeException">The table is not a matrix, or the ids do not fill B rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Lookup(Tape tape, Tensor table, ReadOnlySpan<int> ids, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(table);
        if (table.Shape.Rank != 2 || batchSize < 1 || ids.Length == 0 || ids.Length % batchSize != 0)
        {
            throw new ShapeException($"embedding: {ids.Length} ids for {batchSize} rows and a table {table.Shape} do not fit: "
                + "the table is [V, C], and there are B × T ids");
        }

        int width = table.Shape[1];
        Tensor y = tape.CreateOutput(new Shape(batchSize, ids.Length / batchSize, width));
        float* rows = table.DataPointer;
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)table.Shape[0])
            {
                throw new ArgumentOutOfRangeException(
                    nameof(ids), ids[i], $"embedding: id {i} is outside the table's {table.Shape[0]} rows");
            }

            var row = new ReadOnlySpan<float>(rows + ((long)ids[i] * width), width);
            var place = new Span<float>(y.DataPointer + ((long)i * width), width);
            if (tape.InferenceWeights is { } stored)
            {
                stored.CopyRow(row, place);
            }
            else
            {
                row.CopyTo(place);
            }
        }

        if (tape.Stores(y))
        {
            var operation = tape.Record<Embedding>(y);
            operation._table = table;
            operation.Keep(ids);
        }

        return y;
    }

    internal override string Description => $"Embedding with {_table.ParameterName}";

    internal override void Backward(Tape tape)
    {
        ParameterGradientTarget target = _table.ParameterGradientToWrite(eachMicroBatchApart: true);
        for (int place = 0, share = _count / target.Places; place < target.Places; place++)
        {
            if (!target.Accumulate)
            {
                new Span<float>(target[place], _table.Shape.Count).Clear();
            }

            AddRows(target[place], place * share, (place + 1) * share);
        }
    }

    private void AddRows(float* gradient, int from, int to)
    {
        int width = _table.Shape[1];
        for (int i = from; i < to; i++)
        {
            float* row = gradient + ((long)_ids[i] * width);
            Elementwise.Map<Elementwise.Sum>(row, Output.GradientPointer + ((long)i * width), row, width);
        }
    }

    private void Keep(ReadOnlySpan<int> ids)
    {
        if (_ids.Length < ids.Length)
        {
            _ids = new int[ids.Length];
        }

        ids.CopyTo(_ids);
        _count = ids.Length;
    }
}
