using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The matrix product C = start + A·B: chooses the tiles for this machine and shares the work among threads.
/// </summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds in the order of k: start, + a₀b₀, + a₁b₁, … Cutting K into blocks stores
/// the chain and takes it up again, and tiles or threads only decide who computes which element, so none of them changes a bit.
/// Threads share C along its longer side, in whole tiles. A product stays on one thread below 2¹⁸ multiply-adds, 2 µs at a core's peak of
/// 240 GFLOP/s: handing out two pieces costs half of that (<see cref="WorkerPool"/>). What was tried inside a product stands in
/// <see cref="BlockedGemm"/>, <see cref="PanelGemm"/>, <see cref="TileKernels{TVector, TColumns}"/> and <see cref="Packing"/>.
/// </remarks>
internal static unsafe class Gemm
{
    private const long SharedFrom = 1 << 18;

    /// <summary>Multiplies.</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A and rows of B.</param>
    /// <param name="a">A, m × k.</param>
    /// <param name="b">B, k × n.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="start">What the sums start from.</param>
    /// <param name="pool">The threads to share the work with when there is enough of it.</param>
    public static void Multiply(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, SumStart start, WorkerPool? pool = null)
    {
        var work = new SharedProduct
        {
            M = m, N = n, K = k, A = a, B = b, C = c, CStride = cStride, Start = start, Parts = 1,
        };
        if (pool is { CanShare: true } && (long)m * n * k >= SharedFrom)
        {
            Share(work, pool);
        }
        else
        {
            work.RunAlone();
        }
    }

    /// <summary>
    /// Multiplies Aᵀ-shaped work whose K runs over the rows of several micro-batches: each gives a product of its own, summed over its
    /// rows, and these are added in the fixed tree while the tile is in the cache.
    /// </summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A and rows of B, of all parts together.</param>
    /// <param name="parts">How many equal parts k has; with 1 this is <see cref="Multiply"/>.</param>
    /// <param name="a">A, m × k.</param>
    /// <param name="b">B, k × n.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="accumulate">Whether to add to C; with one part only.</param>
    /// <param name="pool">The threads to share the work with when there is enough of it.</param>
    public static void MultiplyInParts(
        int m, int n, int k, int parts, MatrixView a, MatrixView b, float* c, int cStride, bool accumulate, WorkerPool pool)
    {
        if (parts == 1)
        {
            Multiply(m, n, k, a, b, c, cStride, accumulate ? SumStart.Matrix(c, cStride) : SumStart.Zero, pool);
            return;
        }

        var work = new SharedProduct
        {
            M = m, N = n, K = k, A = a, B = b, C = c, CStride = cStride, Parts = parts,
        };
        if (pool.CanShare && (long)m * n * k >= SharedFrom)
        {
            Share(work, pool);
        }
        else
        {
            work.RunAlone();
        }
    }

    /// <summary>How many floats a whole packed B takes.</summary>
    public static long PackedSize(int depth, int columns) => WideTiles.AreBest
        ? PackedMatrix<WideTiles>.SizeOf(depth, columns)
        : PackedMatrix<NarrowTiles>.SizeOf(depth, columns);

    /// <summary>Packs a whole B for <see cref="MultiplyPacked"/>.</summary>
    public static void PackAll(MatrixView b, int depth, int columns, float* memory)
    {
        if (WideTiles.AreBest)
        {
            PackedMatrix<WideTiles>.Copy(b, depth, columns, memory);
        }
        else
        {
            PackedMatrix<NarrowTiles>.Copy(b, depth, columns, memory);
        }
    }

    /// <summary>Multiplies by a B that <see cref="PackAll"/> packed; on the calling thread.</summary>
    public static void MultiplyPacked(int m, int n, int k, MatrixView a, float* packed, float* c, int cStride, SumStart start)
    {
        if (WideTiles.AreBest)
        {
            BlockedGemm.MultiplyPacked<WideTiles>(m, n, k, a, packed, c, cStride, start);
        }
        else
        {
            BlockedGemm.MultiplyPacked<NarrowTiles>(m, n, k, a, packed, c, cStride, start);
        }
    }

    /// <summary>Cuts C along its longer side, in whole tiles, a piece per thread.</summary>
    private static void Share(SharedProduct work, WorkerPool pool)
    {
        work.ByRows = work.M >= work.N;
        work.Tile = work.ByRows ? 12 : 32;
        work.Tiles = ((work.ByRows ? work.M : work.N) + work.Tile - 1) / work.Tile;
        work.Pieces = Math.Min(work.Tiles, pool.ThreadCount);
        pool.For(work.Pieces, work);
    }

    private struct SharedProduct : IParallelWork
    {
        public int M, N, K, CStride, Parts, Tile, Tiles, Pieces;
        public MatrixView A, B;
        public float* C;
        public SumStart Start;
        public bool ByRows;

        public readonly void Run(int piece)
        {
            int from = (int)((long)Tiles * piece / Pieces) * Tile;
            int to = Math.Min((int)((long)Tiles * (piece + 1) / Pieces) * Tile, ByRows ? M : N);
            SharedProduct part = this;
            if (ByRows)
            {
                part.M = to - from;
                part.A = A.From(from, 0);
                part.C = C + ((long)from * CStride);
                part.Start = Start.From(from, 0);
            }
            else
            {
                part.N = to - from;
                part.B = B.From(0, from);
                part.C = C + from;
                part.Start = Start.From(0, from);
            }

            part.RunAlone();
        }

        public readonly void RunAlone()
        {
            if (WideTiles.AreBest)
            {
                Run<WideTiles>();
            }
            else
            {
                Run<NarrowTiles>();
            }
        }

        private readonly void Run<TTiles>()
            where TTiles : struct, ITileSet
        {
            if (Parts > 1)
            {
                GemmInParts.Multiply<TTiles>(M, N, K, Parts, A, B, C, CStride);
            }
            else
            {
                BlockedGemm.Multiply<TTiles>(M, N, K, A, B, C, CStride, Start);
            }
        }
    }
}
