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

    /// <summary>Where to copy B's rows on the way, one right after another, for the tiles that follow; null for nowhere.</summary>
    public float* Packed;

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
/// 237 to 250 at depths from 32 to 256, 8 × 32 the same, 12 × 16 227; 6 × 16 on AVX2 127, which is that unit's peak. A's rows may lie
/// apart: twelve broadcasts from twelve rows cost no more than from a packed panel. Kernels written out by hand, a local a register, are
/// not faster. Two other forms of these structs, a nest of halves (six rows on six rows) and columns as a struct of their own, stayed in
/// memory and reached 35 GFLOP/s. The first tile of a panel can pack it on the way, in the shadow of its sums: apart, packing took 3 to
/// 5 % of a product of 264 rows.
/// </remarks>
internal static unsafe class TileKernels<TVector, TColumns>
    where TColumns : struct, ITileVectors<TVector>
{
    /// <summary>Kernels by height; index 0 is for one row.</summary>
    private static readonly delegate*<in TileJob, void>[] s_byHeight = AllHeights<Plain>(), s_packing = AllHeights<Packing>();

    /// <summary>What a kernel does beside computing.</summary>
    private interface ITask
    {
        static abstract bool Packs { get; }
    }

    /// <summary>Computes a tile.</summary>
    /// <param name="rows">Its height, from 1 to 12.</param>
    /// <param name="job">Where everything is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int rows, in TileJob job) => (job.Packed is null ? s_byHeight : s_packing)[rows - 1](job);

    private static delegate*<in TileJob, void>[] AllHeights<TTask>()
        where TTask : struct, ITask =>
        [.. Four<TTask, NoRows<TVector>>(), .. Eight<TTask, NoRows<TVector>>(), .. Twelve<TTask, NoRows<TVector>>()];

    /// <summary>Kernels for one to four rows more than <typeparamref name="T"/> has.</summary>
    private static delegate*<in TileJob, void>[] Four<TTask, T>()
        where TTask : struct, ITask
        where T : struct, ITileRows<TVector> =>
    [
        &Loop<TTask, Row<TVector, TColumns, T>>,
        &Loop<TTask, Row<TVector, TColumns, Row<TVector, TColumns, T>>>,
        &Loop<TTask, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>,
        &Loop<TTask, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>,
    ];

    private static delegate*<in TileJob, void>[] Eight<TTask, T>()
        where TTask : struct, ITask
        where T : struct, ITileRows<TVector> =>
        Four<TTask, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>();

    private static delegate*<in TileJob, void>[] Twelve<TTask, T>()
        where TTask : struct, ITask
        where T : struct, ITileRows<TVector> =>
        Eight<TTask, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, Row<TVector, TColumns, T>>>>>();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TTask, TRows>(in TileJob job)
        where TTask : struct, ITask
        where TRows : struct, ITileRows<TVector>
    {
        TRows rows = default;
        rows.Start(job.Start, job.StartStride);
        float* a = job.A;
        float* b = job.B;
        float* packed = job.Packed;
        nint aStride = job.AStride, aStep = job.AStep, bStep = job.BStep;
        for (int k = job.Depth; k > 0; k--)
        {
            TVector left = TColumns.Load(b), right = TColumns.HasRight ? TColumns.Load(b + TColumns.Width) : left;
            if (TTask.Packs)
            {
                TColumns.Store(left, packed);
                if (TColumns.HasRight)
                {
                    TColumns.Store(right, packed + TColumns.Width);
                }

                packed += TColumns.HasRight ? 2 * TColumns.Width : TColumns.Width;
            }

            rows.MultiplyAdd(a, aStride, left, right);
            a = (float*)((byte*)a + aStep);
            b = (float*)((byte*)b + bStep);
        }

        rows.Store(job.C, job.CStride);
    }

    private readonly struct Plain : ITask
    {
        public static bool Packs => false;
    }

    private readonly struct Packing : ITask
    {
        public static bool Packs => true;
    }
}
