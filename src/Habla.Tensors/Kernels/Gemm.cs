using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>A matrix somewhere in memory: element (i, j) is at <c>Data[i·RowStride + j·ColumnStride]</c>; one stride is 1.</summary>
internal readonly unsafe struct MatrixView(float* data, int rowStride, int columnStride)
{
    public float* Data { get; } = data;

    public int RowStride { get; } = rowStride;

    public int ColumnStride { get; } = columnStride;

    /// <summary>The same numbers with rows and columns exchanged.</summary>
    public MatrixView Transposed => new(Data, ColumnStride, RowStride);

    public static MatrixView RowMajor(float* data, int stride) => new(data, stride, 1);

    public MatrixView From(int row, int column) =>
        new(Data + ((long)row * RowStride) + ((long)column * ColumnStride), RowStride, ColumnStride);
}

/// <summary>
/// The matrix product C = A·B or C += A·B, blocked and packed in the manner of Goto and van de Geijn: a panel of B and a
/// block of A are copied so that a micro-kernel reads both in one straight line and keeps a tile of C in registers.
/// </summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds in the order of k: start (0, or C itself), + a₀b₀, + a₁b₁, … Cutting K
/// into blocks stores the chain and takes it up again, and tiles or threads only decide who computes which element, so none
/// of them changes a bit. Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 2008.
/// </remarks>
internal static unsafe class Gemm
{
    // A block of A (MC × KC) stays in the L2 cache, a panel of B (KC × tile) in L1.
    private const int BlockK = 256;
    private const int BlockM = 192;
    private const int BlockN = 2048;
    private const long SharedFrom = 1 << 18;

    /// <summary>Multiplies.</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A and rows of B.</param>
    /// <param name="a">A, m × k.</param>
    /// <param name="b">B, k × n.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    /// <param name="pool">The threads to share the work with when there is enough of it.</param>
    public static void Multiply(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, bool accumulate, WorkerPool? pool = null)
    {
        if (pool is { CanShare: true } && (long)m * n * k >= SharedFrom)
        {
            Share(m, n, k, a, b, c, cStride, accumulate, pool);
        }
        else if (MicroKernel12x32.IsBest)
        {
            Multiply<MicroKernel12x32>(m, n, k, a, b, c, cStride, accumulate);
        }
        else
        {
            Multiply<MicroKernel6x16>(m, n, k, a, b, c, cStride, accumulate);
        }
    }

    /// <summary>Cuts C along its longer side, in whole tiles, a few pieces per thread.</summary>
    private static void Share(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, bool accumulate, WorkerPool pool)
    {
        bool byRows = m >= n;
        int tile = byRows ? 12 : 32;
        int tiles = ((byRows ? m : n) + tile - 1) / tile;
        int pieces = Math.Min(tiles, pool.ThreadCount);
        pool.For(pieces, new SharedProduct
        {
            M = m, N = n, K = k, A = a, B = b, C = c, CStride = cStride, Accumulate = accumulate,
            ByRows = byRows, Tile = tile, Tiles = tiles, Pieces = pieces,
        });
    }

    internal static void Multiply<TKernel>(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, bool accumulate)
        where TKernel : struct, IMicroKernel
    {
        PackingBuffers buffers = PackingBuffers.OfThisThread;
        for (int k0 = 0; k0 < k; k0 += BlockK)
        {
            int kc = Math.Min(BlockK, k - k0);
            bool add = accumulate || k0 > 0;
            for (int n0 = 0; n0 < n; n0 += BlockN)
            {
                int nc = Math.Min(BlockN, n - n0);
                float* packedB = buffers.B(RoundUp(nc, TKernel.Columns) * kc);
                Packing.Pack(b.From(k0, n0).Transposed, nc, kc, TKernel.Columns, packedB);
                for (int m0 = 0; m0 < m; m0 += BlockM)
                {
                    int mc = Math.Min(BlockM, m - m0);
                    float* packedA = buffers.A(RoundUp(mc, TKernel.Rows) * kc);
                    Packing.Pack(a.From(m0, k0), mc, kc, TKernel.Rows, packedA);
                    MultiplyBlock<TKernel>(mc, nc, kc, packedA, packedB, c + ((long)m0 * cStride) + n0, cStride, add);
                }
            }
        }
    }

    private static void MultiplyBlock<TKernel>(
        int mc, int nc, int kc, float* packedA, float* packedB, float* c, int cStride, bool accumulate)
        where TKernel : struct, IMicroKernel
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        for (int j = 0; j < nc; j += TKernel.Columns)
        {
            int columns = Math.Min(TKernel.Columns, nc - j);
            for (int i = 0; i < mc; i += TKernel.Rows)
            {
                int rows = Math.Min(TKernel.Rows, mc - i);
                float* tile = c + ((long)i * cStride) + j;
                if (rows == TKernel.Rows && columns == TKernel.Columns)
                {
                    TKernel.Run(kc, packedA + ((long)i * kc), packedB + ((long)j * kc), tile, cStride, accumulate);
                    continue;
                }

                // A tile that hangs over the edge is computed aside; the packed zeros fill what lies outside.
                if (accumulate)
                {
                    Copy(tile, cStride, edge, TKernel.Columns, rows, columns);
                }

                TKernel.Run(kc, packedA + ((long)i * kc), packedB + ((long)j * kc), edge, TKernel.Columns, accumulate);
                Copy(edge, TKernel.Columns, tile, cStride, rows, columns);
            }
        }
    }

    private static void Copy(float* source, int sourceStride, float* destination, int destinationStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(source + ((long)row * sourceStride), columns)
                .CopyTo(new Span<float>(destination + ((long)row * destinationStride), columns));
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private struct SharedProduct : IParallelWork
    {
        public int M, N, K, CStride, Tile, Tiles, Pieces;
        public MatrixView A, B;
        public float* C;
        public bool Accumulate, ByRows;

        public readonly void Run(int piece)
        {
            int from = (int)((long)Tiles * piece / Pieces) * Tile;
            int to = Math.Min((int)((long)Tiles * (piece + 1) / Pieces) * Tile, ByRows ? M : N);
            if (ByRows)
            {
                Multiply(to - from, N, K, A.From(from, 0), B, C + ((long)from * CStride), CStride, Accumulate);
            }
            else
            {
                Multiply(M, to - from, K, A, B.From(0, from), C + from, CStride, Accumulate);
            }
        }
    }
}
