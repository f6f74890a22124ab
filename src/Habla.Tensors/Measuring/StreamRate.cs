using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Measuring;

/// <summary>
/// How fast this machine reads memory: threads that do nothing but load an array much larger than the last-level cache, each a part of its
/// own from start to end. What a token costs at least is the bytes of its weights over this rate.
/// </summary>
/// <remarks>
/// Sixteen lines of 64 bytes a round go into four sums, so that additions never hold up loads. Pieces are a few megabytes, a few a
/// thread and more, so that a thread that is held up delays the others little.
/// </remarks>
public sealed unsafe class StreamRate : IDisposable
{
    private const int Line = 16; // floats
    private const long PieceFloats = 1 << 20;

    private readonly AlignedMemory _memory;

    /// <summary>Makes the array and writes to all of it.</summary>
    /// <param name="bytes">Its size; default 512 MiB, 16 times the last-level cache of a large desktop processor. At least 4 MiB.</param>
    public StreamRate(long bytes = 512L << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, PieceFloats * sizeof(float));
        _memory = new AlignedMemory(bytes / sizeof(float) / PieceFloats * PieceFloats);
        _memory.Clear();
    }

    /// <summary>Bytes of the array.</summary>
    public long Bytes => _memory.Length * sizeof(float);

    /// <summary>Measures.</summary>
    /// <param name="pool">All its threads read at the same time.</param>
    /// <param name="samples">How many times the array is read; the fastest counts. Default 5.</param>
    /// <returns>Bytes a second of all threads together.</returns>
    public double Measure(WorkerPool pool, int samples = 5)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        double best = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.For((int)(_memory.Length / PieceFloats), new Reading { Data = _memory.Pointer });
            best = Math.Max(best, Bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        GC.KeepAlive(this);
        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private struct Reading : IParallelWork
    {
        public float* Data;

        public readonly void Run(int piece)
        {
            // The array holds zeros; the test keeps the compiler from leaving the loop out.
            if (Sum(Data + (piece * PieceFloats)) != 0)
            {
                throw new InvalidOperationException("an array of zeros has another sum than zero");
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Sum(float* data)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            for (float* end = data + PieceFloats; data < end; data += 16 * Line)
            {
                a += Vector512.Load(data) + Vector512.Load(data + Line) + Vector512.Load(data + (2 * Line)) + Vector512.Load(data + (3 * Line));
                b += Vector512.Load(data + (4 * Line)) + Vector512.Load(data + (5 * Line)) + Vector512.Load(data + (6 * Line))
                    + Vector512.Load(data + (7 * Line));
                c += Vector512.Load(data + (8 * Line)) + Vector512.Load(data + (9 * Line)) + Vector512.Load(data + (10 * Line))
                    + Vector512.Load(data + (11 * Line));
                d += Vector512.Load(data + (12 * Line)) + Vector512.Load(data + (13 * Line)) + Vector512.Load(data + (14 * Line))
                    + Vector512.Load(data + (15 * Line));
            }

            return Vector512.Sum(a + b + c + d);
        }
    }
}
