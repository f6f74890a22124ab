using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>Multiplies every gradient by a number: what takes a loss scale out again. Exact for powers of two.</summary>
public static unsafe class GradientScaling
{
    private const int ChunkSize = 1 << 12;

    /// <summary>Multiplies in place; what is not finite stays so.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="factor">What to multiply by; above 0.</param>
    /// <param name="pool">The threads to share the work with.</param>
    public static void Apply(ParameterBuffer gradients, float factor, WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        pool.ForRows(
            (int)((gradients.Count + ChunkSize - 1) / ChunkSize), ChunkSize,
            new Chunks { Values = gradients.Pointer, Count = gradients.Count, Factor = factor });
        GC.KeepAlive(gradients); // its memory was used by address alone
    }

    private struct Chunks : IRowWork
    {
        public float* Values;
        public long Count;
        public float Factor;

        public readonly void Run(int from, int to)
        {
            Vector512<float> factor = Vector512.Create(Factor);
            long end = Math.Min((long)to * ChunkSize, Count);
            for (long i = (long)from * ChunkSize; i < end; i += Lanes.Count)
            {
                int width = (int)Math.Min(Lanes.Count, end - i);
                Lanes.Store(Lanes.Load(Values + i, width) * factor, Values + i, width);
            }
        }
    }
}
