using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Adds up the gradients of a step's micro-batches in a fixed tree, ((g₀ + g₁) + (g₂ + g₃)) + …, so that the sum has the same
/// bits whoever computed which of them, and in whatever order they were done.
/// </summary>
public static unsafe class GradientSum
{
    private const int ChunkSize = 1 << 14;

    /// <summary>Leaves the sum of all buffers in the first one; the others hold partial sums afterwards.</summary>
    /// <param name="buffers">One or more buffers of the same layout.</param>
    /// <param name="pool">The threads to share the work with.</param>
    /// <exception cref="ArgumentException">There is no buffer, or their layouts differ.</exception>
    public static void IntoFirst(IReadOnlyList<ParameterBuffer> buffers, WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        ArgumentNullException.ThrowIfNull(pool);
        if (buffers.Count == 0)
        {
            throw new ArgumentException("there is no gradient to sum", nameof(buffers));
        }

        for (int i = 1; i < buffers.Count; i++)
        {
            buffers[i].RequireLayout(buffers[0].Layout, nameof(buffers));
        }

        for (int distance = 1; distance < buffers.Count; distance *= 2)
        {
            for (int i = 0; i + distance < buffers.Count; i += 2 * distance)
            {
                Add(buffers[i], buffers[i + distance], pool);
            }
        }
    }

    private static void Add(ParameterBuffer sum, ParameterBuffer other, WorkerPool pool)
    {
        int chunks = (int)((sum.Count + ChunkSize - 1) / ChunkSize);
        pool.ForRows(chunks, ChunkSize, new Chunks { Sum = sum.Pointer, Other = other.Pointer, Count = sum.Count });

        // Their memory is used by address alone; without this their finalizers could free it meanwhile.
        GC.KeepAlive(sum);
        GC.KeepAlive(other);
    }

    private struct Chunks : IRowWork
    {
        public float* Sum, Other;
        public long Count;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * ChunkSize, count = Math.Min((long)to * ChunkSize, Count) - start;
            Elementwise.Map<Elementwise.Sum>(Sum + start, Other + start, Sum + start, count);
        }
    }
}
