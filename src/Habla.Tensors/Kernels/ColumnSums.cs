using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// sum[j] = Σ over rows of x[row, j]: the gradient of a bias. The work is cut by column, so each sum runs over the rows in their
/// order whatever the number of threads.
/// </summary>
internal unsafe struct ColumnSums : IRowWork
{
    public float* X;
    public float* Sums;
    public int Rows, Columns;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        int end = Math.Min(to * Lanes.Count, Columns);
        for (int j = from * Lanes.Count; j < end; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, end - j);
            Vector512<float> sum = default;
            for (int row = 0; row < Rows; row++)
            {
                float* x = X + ((long)row * Columns) + j;
                sum += Lanes.Load(x, width);
            }

            if (Accumulate)
            {
                sum += Lanes.LoadPartial(Sums + j, width);
            }

            Lanes.StorePartial(sum, Sums + j, width);
        }
    }

    public static void Compute(float* x, int rows, int columns, float* sums, bool accumulate, WorkerPool pool) =>
        pool.ForRows(
            (columns + Lanes.Count - 1) / Lanes.Count,
            (long)rows * Lanes.Count,
            new ColumnSums { X = x, Sums = sums, Rows = rows, Columns = columns, Accumulate = accumulate });
}
