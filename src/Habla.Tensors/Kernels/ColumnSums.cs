using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// sum[j] = Σ over rows of x[row, j]: the gradient of a bias. The work is cut by column, so each sum runs over the rows in their
/// order whatever the number of threads; the sums of micro-batches are added in the fixed tree.
/// </summary>
/// <remarks>Down a column there is nothing to reorder, so what keeps the processor busy is several columns' sums side by side.</remarks>
internal unsafe struct ColumnSums : IRowWork
{
    // Sums of four vectors of columns run side by side: one alone would wait for each addition to finish.
    private const int Side = 4;
    private const int Stretch = Side * Lanes.Count;

    public float* X;
    public float* Sums;
    public int Rows, Columns, MicroBatches;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        int end = Math.Min(to * Stretch, Columns);
        Span<Vector512<float>> parts = stackalloc Vector512<float>[MicroBatches];
        int j = from * Stretch;
        if (MicroBatches == 1)
        {
            for (; j + Stretch <= end; j += Stretch)
            {
                FourVectors(j);
            }
        }

        for (; j < end; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, end - j);
            for (int part = 0; part < parts.Length; part++)
            {
                parts[part] = Sum(j, width, Rows / MicroBatches * part, Rows / MicroBatches * (part + 1));
            }

            Vector512<float> sum = TreeSum.Of(parts);
            Lanes.Store(Accumulate ? sum + Lanes.Load(Sums + j, width) : sum, Sums + j, width);
        }
    }

    private readonly void FourVectors(int j)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        float* x = X + j;
        for (int row = 0; row < Rows; row++, x += Columns)
        {
            a += Vector512.Load(x);
            b += Vector512.Load(x + 16);
            c += Vector512.Load(x + 32);
            d += Vector512.Load(x + 48);
        }

        float* sums = Sums + j;
        if (Accumulate)
        {
            a += Vector512.Load(sums);
            b += Vector512.Load(sums + 16);
            c += Vector512.Load(sums + 32);
            d += Vector512.Load(sums + 48);
        }

        a.Store(sums);
        b.Store(sums + 16);
        c.Store(sums + 32);
        d.Store(sums + 48);
    }

    private readonly Vector512<float> Sum(int j, int width, int fromRow, int toRow)
    {
        Vector512<float> sum = default;
        for (int row = fromRow; row < toRow; row++)
        {
            sum += Lanes.Load(X + ((long)row * Columns) + j, width);
        }

        return sum;
    }

    /// <summary>Sums all columns of <c>[rows, columns]</c>.</summary>
    public static void Compute(float* x, int rows, int columns, in ParameterGradientTarget target, WorkerPool pool)
    {
        int share = rows / target.Places;
        for (int place = 0; place < target.Places; place++)
        {
            pool.ForRows(
                (columns + Stretch - 1) / Stretch,
                (long)share * Stretch,
                new ColumnSums
                {
                    X = x + ((long)place * share * columns), Sums = target[place], Rows = share, Columns = columns,
                    MicroBatches = target.MicroBatchesPerPlace, Accumulate = target.Accumulate,
                });
        }
    }
}
