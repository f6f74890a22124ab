using System.Runtime.CompilerServices;

namespace Habla.Tensors.Kernels;

/// <summary>What a tile is computed from and where it goes. Strides are in bytes.</summary>
internal unsafe struct TileJob
{
    /// <summary>How many products each element sums.</summary>
    public int Depth;

    /// <summary>Row i of A at product k is at <c>A + i·AStride + k·AStep</c>; B's row k at <c>B + k·BStep</c>.</summary>
    public float* A, B;

    public nint AStride, AStep, BStep;

    /// <summary>What the sums start from, a row every <see cref="StartStride"/>: C itself, a bias (stride 0), or null for zero.</summary>
    public float* Start;

    public nint StartStride;

    /// <summary>The tile's first element.</summary>
    public float* C;

    public nint CStride;
}

/// <summary>
/// The inner loop of every matrix product: for each k, a row of B and a number of A for each row of the tile, one fused multiply-add
/// per element. There is one kernel for each height from 1 to the most that fits the registers.
/// </summary>
/// <remarks>
/// Measured on a core with two 512-bit multiply-add units and a peak of 240 to 250 GFLOP/s, from the L1 cache: 12 × 32 reaches
/// 237 to 250 at depths from 32 to 256, 8 × 32 the same, 12 × 16 227; 6 × 16 on AVX2 127, which is that unit's peak. A's rows may lie apart:
/// twelve broadcasts from twelve rows cost no more than from a packed panel. Kernels written out by hand, a local a register, are not
/// faster. Two other forms of these structs, a nest of halves (six rows on six rows) and columns as a struct of their own, stayed in memory and reached
/// 35 GFLOP/s.
/// </remarks>
internal static unsafe class TileKernels<TVector, TColumns>
    where TColumns : struct, ITileVectors<TVector>
{
    /// <summary>Kernels by height; index 0 is for one row.</summary>
    private static readonly delegate*<in TileJob, void>[] s_byHeight =
    [
        .. Four<NoRows<TVector>>(), .. Eight<NoRows<TVector>>(), .. Twelve<NoRows<TVector>>(),
    ];

    /// <summary>Computes a tile.</summary>
    /// <param name="rows">Its height, from 1 to 12.</param>
    /// <param name="job">Where everything is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int rows, in TileJob job) => s_byHeight[rows - 1](job);

    /// <summary>Kernels for one to four rows more than <typeparamref name="T"/> has.</summary>
    private static delegate*<in TileJob, void>[] Four<T>()
        where T : struct, ITileRows<TVector> =>
    [
        &Loop<Row<TVector, TColumns, T>>,
        &Loop<Row<TVector, TColumns, Row<TVector, TColumns, T>>>,
        &Loop<Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>,
        &Loop<Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>,
    ];

    private static delegate*<in TileJob, void>[] Eight<T>()
        where T : struct, ITileRows<TVector> =>
        Four<Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>();

    private static delegate*<in TileJob, void>[] Twelve<T>()
        where T : struct, ITileRows<TVector> =>
        Eight<Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TRows>(in TileJob job)
        where TRows : struct, ITileRows<TVector>
    {
        TRows rows = default;
        rows.Start(job.Start, job.StartStride);
        float* a = job.A;
        float* b = job.B;
        nint aStride = job.AStride, aStep = job.AStep, bStep = job.BStep;
        for (int k = job.Depth; k > 0; k--)
        {
            TVector left = TColumns.Load(b), right = TColumns.HasRight ? TColumns.Load(b + TColumns.Width) : left;
            rows.MultiplyAdd(a, aStride, left, right);
            a = (float*)((byte*)a + aStep);
            b = (float*)((byte*)b + bStep);
        }

        rows.Store(job.C, job.CStride);
    }
}
