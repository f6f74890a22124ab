using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// The global gradient norm, √Σg². Squares are summed in float64 over fixed chunks, and the chunks in their order, so neither
/// precision nor bits depend on the size of the model or the number of threads.
/// </summary>
public static unsafe class GradientNorm
{
    private const int ChunkSize = 1 << 14;

    [ThreadStatic]
    private static double[]? s_partialSums;

    /// <summary>The norm over all parameters; NaN or infinite when a gradient is.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="pool">The threads to share the work with.</param>
    public static double Of(ParameterBuffer gradients, WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(pool);
        int chunks = (int)((gradients.Count + ChunkSize - 1) / ChunkSize);
        if (s_partialSums is null || s_partialSums.Length < chunks)
        {
            s_partialSums = new double[chunks];
        }

        double sum = 0;
        fixed (double* sums = s_partialSums)
        {
            pool.ForRows(chunks, ChunkSize, new Chunks { Values = gradients.Pointer, Count = gradients.Count, Sums = sums });
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                sum += sums[chunk];
            }
        }

        GC.KeepAlive(gradients); // its memory was used by address alone
        return Math.Sqrt(sum);
    }

    private struct Chunks : IRowWork
    {
        public float* Values;
        public double* Sums;
        public long Count;

        public readonly void Run(int from, int to)
        {
            for (int chunk = from; chunk < to; chunk++)
            {
                long start = (long)chunk * ChunkSize;
                Sums[chunk] = SumOfSquares(Values + start, (int)Math.Min(ChunkSize, Count - start));
            }
        }

        private static double SumOfSquares(float* values, int count)
        {
            Vector512<double> low = default, high = default;
            int i = 0;
            for (; i <= count - 16; i += 16)
            {
                (Vector512<double> a, Vector512<double> b) = Vector512.Widen(Vector512.Load(values + i));
                low = Vector512.FusedMultiplyAdd(a, a, low);
                high = Vector512.FusedMultiplyAdd(b, b, high);
            }

            double rest = 0;
            for (; i < count; i++)
            {
                rest += (double)values[i] * values[i];
            }

            Vector512<double> eight = low + high;
            Vector256<double> four = eight.GetLower() + eight.GetUpper();
            return ((four[0] + four[2]) + (four[1] + four[3])) + rest;
        }
    }
}
