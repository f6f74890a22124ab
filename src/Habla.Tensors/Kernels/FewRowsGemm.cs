using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// One to four rows of A times a B whose columns are contiguous, as weights <c>[out, in]</c> are, read where it lies: 16 columns at a time,
/// 16 × 16 numbers are exchanged in registers and go straight into the sums. What decoding a token does: each weight is used once.
/// </summary>
/// <remarks>
/// Packing such a panel first, which pays for many rows, writes and reads as much as there is to compute. Memory is asked for in the
/// order in which it lies, the 16 columns after these, because the processor does not guess 16 streams at once.
/// </remarks>
internal static unsafe class FewRowsGemm
{
    /// <summary>A B of so many numbers is worth sharing: it is what takes time, whatever the rows.</summary>
    public const long SharedFrom = 1 << 17;

    private const long PieceFrom = 1 << 16;

    private static readonly delegate*<in Job, void>[] s_byRows = Loops<NoRows<Vector512<float>>>();

    private static int MostRows => s_byRows.Length;

    /// <summary>Whether a product is of this kind and the machine has the registers for it.</summary>
    public static bool Serves(int m, MatrixView a, MatrixView b) =>
        Avx512F.IsSupported && m <= MostRows && b.RowStride == 1 && b.ColumnStride != 1 && a.ColumnStride == 1;

    /// <summary>
    /// How many pieces to share a B of k × n among threads in: up to four a thread, so that the others take over from one that is held up.
    /// </summary>
    public static int PiecesFor(int n, int k, int threads) =>
        (int)Math.Clamp((long)n * k / PieceFrom, threads, 4L * threads);

    /// <summary>C = start + A·B on the calling thread.</summary>
    public static void Multiply(int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, SumStart start)
    {
        int whole = n / Lanes.Count * Lanes.Count;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            var job = new Job
            {
                Depth = k, A = a.Data, AStride = (nint)a.RowStride * sizeof(float), B = b.Data + ((long)j * b.ColumnStride),
                BStride = b.ColumnStride, Start = start.From(0, j).Pointer, StartStride = (nint)start.Stride * sizeof(float),
                C = c + j, CStride = (nint)cStride * sizeof(float),
            };
            s_byRows[m - 1](job);
        }

        if (whole < n)
        {
            BlockedGemm.Multiply<WideTiles>(m, n - whole, k, a, b.From(0, whole), c + whole, cStride, start.From(0, whole));
        }
    }

    /// <summary>Loops for one to four rows more than <typeparamref name="T"/> has.</summary>
    private static delegate*<in Job, void>[] Loops<T>()
        where T : struct, ITileRows<Vector512<float>> =>
    [
        &Loop<Row<Vector512<float>, WideColumns<OneRegister>, T>>,
        &Loop<Row<Vector512<float>, WideColumns<OneRegister>, Row<Vector512<float>, WideColumns<OneRegister>, T>>>,
        &Loop<Row<Vector512<float>, WideColumns<OneRegister>, Row<Vector512<float>, WideColumns<OneRegister>,
            Row<Vector512<float>, WideColumns<OneRegister>, T>>>>,
        &Loop<Row<Vector512<float>, WideColumns<OneRegister>, Row<Vector512<float>, WideColumns<OneRegister>,
            Row<Vector512<float>, WideColumns<OneRegister>, Row<Vector512<float>, WideColumns<OneRegister>, T>>>>>,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TRows>(in Job job)
        where TRows : struct, ITileRows<Vector512<float>>
    {
        TRows rows = default;
        rows.Start(job.Start, job.StartStride);
        float* a = job.A;
        float* b = job.B;
        nint aStride = job.AStride, stride = job.BStride;
        float* ahead = b + (Lanes.Count * stride);
        int k = job.Depth;
        for (; k >= Lanes.Count; k -= Lanes.Count, a += Lanes.Count, b += Lanes.Count, ahead += Lanes.Count * Lanes.Count)
        {
            AskFor(ahead);
            float* b4 = b + (4 * stride), b8 = b4 + (4 * stride), b12 = b8 + (4 * stride);
            Four(Vector512.Load(b), Vector512.Load(b + stride), Vector512.Load(b + (2 * stride)), Vector512.Load(b + (3 * stride)),
                out Vector512<float> p0, out Vector512<float> p1, out Vector512<float> p2, out Vector512<float> p3);
            Four(Vector512.Load(b4), Vector512.Load(b4 + stride), Vector512.Load(b4 + (2 * stride)), Vector512.Load(b4 + (3 * stride)),
                out Vector512<float> q0, out Vector512<float> q1, out Vector512<float> q2, out Vector512<float> q3);
            Four(Vector512.Load(b8), Vector512.Load(b8 + stride), Vector512.Load(b8 + (2 * stride)), Vector512.Load(b8 + (3 * stride)),
                out Vector512<float> r0, out Vector512<float> r1, out Vector512<float> r2, out Vector512<float> r3);
            Four(Vector512.Load(b12), Vector512.Load(b12 + stride), Vector512.Load(b12 + (2 * stride)), Vector512.Load(b12 + (3 * stride)),
                out Vector512<float> s0, out Vector512<float> s1, out Vector512<float> s2, out Vector512<float> s3);
            Quarters(ref p0, ref q0, ref r0, ref s0);
            Quarters(ref p1, ref q1, ref r1, ref s1);
            Quarters(ref p2, ref q2, ref r2, ref s2);
            Quarters(ref p3, ref q3, ref r3, ref s3);
            rows.MultiplyAdd(a, aStride, p0, p0);
            rows.MultiplyAdd(a + 1, aStride, p1, p1);
            rows.MultiplyAdd(a + 2, aStride, p2, p2);
            rows.MultiplyAdd(a + 3, aStride, p3, p3);
            rows.MultiplyAdd(a + 4, aStride, q0, q0);
            rows.MultiplyAdd(a + 5, aStride, q1, q1);
            rows.MultiplyAdd(a + 6, aStride, q2, q2);
            rows.MultiplyAdd(a + 7, aStride, q3, q3);
            rows.MultiplyAdd(a + 8, aStride, r0, r0);
            rows.MultiplyAdd(a + 9, aStride, r1, r1);
            rows.MultiplyAdd(a + 10, aStride, r2, r2);
            rows.MultiplyAdd(a + 11, aStride, r3, r3);
            rows.MultiplyAdd(a + 12, aStride, s0, s0);
            rows.MultiplyAdd(a + 13, aStride, s1, s1);
            rows.MultiplyAdd(a + 14, aStride, s2, s2);
            rows.MultiplyAdd(a + 15, aStride, s3, s3);
        }

        for (; k > 0; k--, a++, b++)
        {
            Vector512<float> column = Gather(b, stride);
            rows.MultiplyAdd(a, aStride, column, column);
        }

        rows.Store(job.C, job.CStride);
    }

    /// <summary>Numbers 4·l + i of four columns beside each other in quarter l of result i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d,
        out Vector512<float> r0, out Vector512<float> r1, out Vector512<float> r2, out Vector512<float> r3)
    {
        Vector512<float> low01 = Avx512F.UnpackLow(a, b), low23 = Avx512F.UnpackLow(c, d);
        Vector512<float> high01 = Avx512F.UnpackHigh(a, b), high23 = Avx512F.UnpackHigh(c, d);
        r0 = Avx512F.Shuffle(low01, low23, 0x44);
        r1 = Avx512F.Shuffle(low01, low23, 0xEE);
        r2 = Avx512F.Shuffle(high01, high23, 0x44);
        r3 = Avx512F.Shuffle(high01, high23, 0xEE);
    }

    /// <summary>Quarter i of each goes to result i: four quarters, one of each of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(ref Vector512<float> p, ref Vector512<float> q, ref Vector512<float> r, ref Vector512<float> s)
    {
        Vector512<float> pqEven = Avx512F.Shuffle4x128(p, q, 0x88), pqOdd = Avx512F.Shuffle4x128(p, q, 0xDD);
        Vector512<float> rsEven = Avx512F.Shuffle4x128(r, s, 0x88), rsOdd = Avx512F.Shuffle4x128(r, s, 0xDD);
        p = Avx512F.Shuffle4x128(pqEven, rsEven, 0x88);
        q = Avx512F.Shuffle4x128(pqOdd, rsOdd, 0x88);
        r = Avx512F.Shuffle4x128(pqEven, rsEven, 0xDD);
        s = Avx512F.Shuffle4x128(pqOdd, rsOdd, 0xDD);
    }

    /// <summary>One number of each of 16 columns, for what is left of a depth that is no multiple of 16.</summary>
    private static Vector512<float> Gather(float* b, nint stride)
    {
        float* lanes = stackalloc float[Lanes.Count];
        for (int i = 0; i < Lanes.Count; i++)
        {
            lanes[i] = b[i * stride];
        }

        return Vector512.Load(lanes);
    }

    /// <summary>Asks for 16 lines of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskFor(float* memory)
    {
        for (int line = 0; line < Lanes.Count; line++)
        {
            Sse.Prefetch1(memory + (line * Lanes.Count));
        }
    }

    /// <summary>What 16 columns are computed from and where they go; strides in bytes, but for B's, which is in floats.</summary>
    private struct Job
    {
        public int Depth;
        public float* A, B, Start, C;
        public nint AStride, BStride, StartStride, CStride;
    }
}
