using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The fixed tree in which the gradients of micro-batches are added, ((g₀ + g₁) + (g₂ + g₃)) + …: part i takes part i + 1 for even i,
/// then i + 2 for every fourth, and so on. A stretch of all parts is summed while it is in the cache.
/// </summary>
/// <remarks>
/// On one thread the sum of gradients, their norm and AdamW together take 4 % of a step of the preset nanogpt-cpu. Fewer buffers to sum
/// is what pays: <see cref="GemmInParts"/>.
/// </remarks>
internal static unsafe class TreeSum
{
    private const int ChunkSize = 1 << 12;

    /// <summary>Sums vectors; the result is in the first, the others hold partial sums.</summary>
    public static Vector512<float> Of(Span<Vector512<float>> parts)
    {
        for (int distance = 1; distance < parts.Length; distance *= 2)
        {
            for (int i = 0; i + distance < parts.Length; i += 2 * distance)
            {
                parts[i] += parts[i + distance];
            }
        }

        return parts[0];
    }

    /// <summary>Sums arrays into the first one; the others, which lie one after another, hold partial sums afterwards.</summary>
    public static void IntoFirst(float* first, float* others, int parts, long count, WorkerPool pool)
    {
        nint* addresses = stackalloc nint[parts];
        for (int i = 0; i < parts; i++)
        {
            addresses[i] = (nint)(i == 0 ? first : others + ((i - 1) * count));
        }

        IntoFirst(new ReadOnlySpan<nint>(addresses, parts), count, pool);
    }

    /// <summary>Sums arrays into the first one; the others hold partial sums afterwards.</summary>
    /// <param name="parts">Their addresses.</param>
    /// <param name="count">Numbers in each.</param>
    /// <param name="pool">The threads to share the work with.</param>
    public static void IntoFirst(ReadOnlySpan<nint> parts, long count, WorkerPool pool)
    {
        fixed (nint* addresses = parts)
        {
            pool.ForRows(
                (int)((count + ChunkSize - 1) / ChunkSize), (long)ChunkSize * parts.Length,
                new Chunks { Parts = addresses, PartCount = parts.Length, Count = count });
        }
    }

    private struct Chunks : IRowWork
    {
        public nint* Parts;
        public int PartCount;
        public long Count;

        public readonly void Run(int from, int to)
        {
            for (int chunk = from; chunk < to; chunk++)
            {
                long start = (long)chunk * ChunkSize, length = Math.Min(ChunkSize, Count - start);
                for (int distance = 1; distance < PartCount; distance *= 2)
                {
                    for (int i = 0; i + distance < PartCount; i += 2 * distance)
                    {
                        float* sum = (float*)Parts[i] + start;
                        Elementwise.Map<Elementwise.Sum>(sum, (float*)Parts[i + distance] + start, sum, length);
                    }
                }
            }
        }
    }
}
