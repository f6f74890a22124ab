using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Loops that store float32 numbers in 16 bits and read them back. Each number is converted by itself, so no bit depends on threads.
/// </summary>
/// <remarks>
/// This saves room and costs time: on verbs and on plays a step takes 21 and 25 % longer in bfloat16 than in float32, 27 and 29 % in
/// binary16, and activations take 41 and 51 % less (docs/mixed-precision.md).
/// </remarks>
internal static unsafe class SixteenBits
{
    private const int ChunkSize = 1 << 12;

    /// <summary>How many floats' room so many numbers take.</summary>
    public static long FloatsFor(long count) => (count + 1) / 2;

    /// <summary>Stores numbers in 16 bits.</summary>
    /// <param name="format">Not <see cref="ActivationFormat.Float32"/>.</param>
    /// <param name="numbers">What to store.</param>
    /// <param name="stored">Receives the patterns; apart from the numbers.</param>
    /// <param name="count">How many.</param>
    public static void Round(ActivationFormat format, float* numbers, ushort* stored, long count)
    {
        if (format == ActivationFormat.BFloat16)
        {
            Round<BFloat16Format>(numbers, stored, count);
        }
        else
        {
            Round<Float16Format>(numbers, stored, count);
        }
    }

    /// <summary>Reads stored numbers.</summary>
    public static void Widen(ActivationFormat format, ushort* stored, float* numbers, long count)
    {
        if (format == ActivationFormat.BFloat16)
        {
            Widen<BFloat16Format>(stored, numbers, count);
        }
        else
        {
            Widen<Float16Format>(stored, numbers, count);
        }
    }

    /// <summary>What storing and reading back would give; in place is allowed. Does nothing for float32 in place.</summary>
    public static void RoundNumbers(ActivationFormat format, float* numbers, float* rounded, long count)
    {
        if (format == ActivationFormat.BFloat16)
        {
            RoundNumbers<BFloat16Format>(numbers, rounded, count);
        }
        else if (format == ActivationFormat.Float16)
        {
            RoundNumbers<Float16Format>(numbers, rounded, count);
        }
        else if (numbers != rounded)
        {
            Buffer.MemoryCopy(numbers, rounded, count * sizeof(float), count * sizeof(float));
        }
    }

    /// <summary><see cref="Round(ActivationFormat, float*, ushort*, long)"/> by all threads of a pool.</summary>
    public static void Round(ActivationFormat format, float* numbers, ushort* stored, long count, WorkerPool pool) =>
        Share(new Chunks { Format = format, Numbers = numbers, Stored = stored, Count = count, Stores = true }, pool);

    /// <summary><see cref="Widen(ActivationFormat, ushort*, float*, long)"/> by all threads of a pool.</summary>
    public static void Widen(ActivationFormat format, ushort* stored, float* numbers, long count, WorkerPool pool) =>
        Share(new Chunks { Format = format, Numbers = numbers, Stored = stored, Count = count }, pool);

    /// <summary><see cref="RoundNumbers"/> in place by all threads of a pool.</summary>
    public static void RoundInPlace(ActivationFormat format, float* numbers, long count, WorkerPool pool)
    {
        if (format != ActivationFormat.Float32)
        {
            Share(new Chunks { Format = format, Numbers = numbers, Count = count, Stores = true }, pool);
        }
    }

    /// <summary><see cref="RoundNumbers"/> in place for a matrix: what is to be multiplied. Does nothing for float32.</summary>
    public static void RoundRows(ActivationFormat format, float* matrix, int rows, int columns, int stride)
    {
        for (int row = 0; row < rows && format != ActivationFormat.Float32; row++, matrix += stride)
        {
            RoundNumbers(format, matrix, matrix, columns);
        }
    }

    private static void Round<TFormat>(float* numbers, ushort* stored, long count)
        where TFormat : struct, ISixteenBitFormat
    {
        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            Narrow(TFormat.Round(Vector512.Load(numbers + i))).Store(stored + i);
        }

        if (i < count)
        {
            Vector256<ushort> last = Narrow(TFormat.Round(Lanes.LoadPartial(numbers + i, (int)(count - i))));
            Unsafe.CopyBlockUnaligned(stored + i, &last, (uint)(count - i) * sizeof(ushort));
        }
    }

    private static void Widen<TFormat>(ushort* stored, float* numbers, long count)
        where TFormat : struct, ISixteenBitFormat
    {
        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            TFormat.Widen(Broaden(Vector256.Load(stored + i))).Store(numbers + i);
        }

        if (i < count)
        {
            Vector256<ushort> last = default;
            Unsafe.CopyBlockUnaligned(&last, stored + i, (uint)(count - i) * sizeof(ushort));
            Lanes.StorePartial(TFormat.Widen(Broaden(last)), numbers + i, (int)(count - i));
        }
    }

    private static void RoundNumbers<TFormat>(float* numbers, float* rounded, long count)
        where TFormat : struct, ISixteenBitFormat
    {
        for (long i = 0; i < count; i += Lanes.Count)
        {
            int width = (int)Math.Min(Lanes.Count, count - i);
            Lanes.Store(TFormat.Widen(TFormat.Round(Lanes.Load(numbers + i, width))), rounded + i, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Narrow(Vector512<uint> patterns) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256UInt16(patterns)
        : Vector256.Narrow(patterns.GetLower(), patterns.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<uint> Broaden(Vector256<ushort> patterns)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512UInt32(patterns);
        }

        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(patterns);
        return Vector512.Create(lower, upper);
    }

    private static void Share(in Chunks chunks, WorkerPool pool) =>
        pool.ForRows((int)((chunks.Count + ChunkSize - 1) / ChunkSize), ChunkSize, chunks);

    private struct Chunks : IRowWork
    {
        public ActivationFormat Format;
        public float* Numbers;
        public ushort* Stored;
        public long Count;
        public bool Stores;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * ChunkSize, count = Math.Min((long)to * ChunkSize, Count) - start;
            if (Stored is null)
            {
                RoundNumbers(Format, Numbers + start, Numbers + start, count);
            }
            else if (Stores)
            {
                Round(Format, Numbers + start, Stored + start, count);
            }
            else
            {
                Widen(Format, Stored + start, Numbers + start, count);
            }
        }
    }
}
