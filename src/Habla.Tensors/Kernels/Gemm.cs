using System.Runtime.CompilerServices;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>What the sums of a product start from.</summary>
/// <param name="Data">Row i is at Data + i·Stride; null for zero.</param>
/// <param name="Stride">From one row to the next; 0 when all start from the same.</param>
internal readonly unsafe record struct SumStart(nint Data, int Stride)
{
    public static SumStart Zero => default;

    /// <summary>Every row starts from the same vector, such as a bias.</summary>
    public static SumStart Row(float* vector) => new((nint)vector, 0);

    /// <summary>Adds to what a matrix holds.</summary>
    public static SumStart Matrix(float* data, int stride) => new((nint)data, stride);

    public float* Pointer => (float*)Data;

    public SumStart From(int row, int column) =>
        Data == 0 ? this : Matrix(Pointer + ((long)row * Stride) + column, Stride);
}

/// <summary>Some columns of B, as wide as a tile.</summary>
/// <param name="Address">Of the first element.</param>
/// <param name="Stride">From one row to the next.</param>
/// <param name="Columns">Columns of it that are wanted.</param>
/// <param name="Width">The width of the tile.</param>
internal readonly unsafe record struct Panel(nint Address, int Stride, int Columns, int Width)
{
    public Panel(float* data, int stride, int columns, int width)
        : this((nint)data, stride, columns, width)
    {
    }

    public float* Data => (float*)Address;
}

/// <summary>
/// The matrix product C = start + A·B in the manner of Goto and van de Geijn: K and the rows of A are cut into blocks that stay in
/// the L2 cache, the columns of B into panels that stay in L1, and a tile of C is summed in registers.
/// </summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds in the order of k: start, + a₀b₀, + a₁b₁, … Cutting K into blocks stores
/// the chain and takes it up again, and tiles or threads only decide who computes which element, so none of them changes a bit.
/// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 2008.
/// </remarks>
internal static unsafe class Gemm
{
    /// <summary>Depth of a block. Up to half as much again stays in one, because a second block reads and writes C once more.</summary>
    internal const int BlockK = 512;

    // A block of A, 264 × 512 floats, is half of an L2 cache of 1 MB.
    private const int BlockM = 264;
    private const int BlockN = 2048;

    // So few rows do not pay for packing a panel whose rows are contiguous anyway.
    private const int DirectRows = 96;
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

    internal static void Multiply<TTiles>(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, SumStart start)
        where TTiles : struct, ITileSet
    {
        int blocks = k <= BlockK + (BlockK / 2) ? 1 : (k + BlockK - 1) / BlockK;
        for (int block = 0; block < blocks; block++)
        {
            int k0 = (int)((long)k * block / blocks), depth = (int)((long)k * (block + 1) / blocks) - k0;
            for (int n0 = 0; n0 < n; n0 += BlockN)
            {
                SumStart blockStart = k0 == 0 ? start.From(0, n0) : SumStart.Matrix(c + n0, cStride);
                MultiplyBlock<TTiles>(
                    m, Math.Min(BlockN, n - n0), depth, a.From(0, k0), b.From(k0, n0), c + n0, cStride, blockStart);
            }
        }
    }

    private static void MultiplyBlock<TTiles>(
        int m, int n, int depth, MatrixView a, MatrixView b, float* c, int cStride, SumStart start)
        where TTiles : struct, ITileSet
    {
        // With one block of rows each panel is used once and can take the place of the one before.
        bool keepPanels = m > BlockM;
        int panelSize = TTiles.Width * depth;
        int panels = (n + TTiles.Width - 1) / TTiles.Width;
        float* packed = PackingBuffers.OfThisThread.B(keepPanels ? panels * panelSize : panelSize);
        int blocks = (m + BlockM - 1) / BlockM;
        for (int block = 0; block < blocks; block++)
        {
            int m0 = (int)((long)m * block / blocks), rows = (int)((long)m * (block + 1) / blocks) - m0;
            MatrixView blockA = a.From(m0, 0);
            for (int j = 0; j < n; j += TTiles.Width)
            {
                int columns = Math.Min(TTiles.Width, n - j), width = TTiles.WidthFor(columns);
                float* memory = keepPanels ? packed + (j / TTiles.Width * panelSize) : packed;
                var panel = new Panel(memory, width, columns, width);
                if (m <= DirectRows && b.ColumnStride == 1 && columns == width)
                {
                    panel = new Panel(b.From(0, j).Data, b.RowStride, columns, width);
                }
                else if (m0 == 0)
                {
                    Packing.Pack(b.From(0, j), depth, columns, width, memory);
                }

                bool packsNext = m0 == 0 && j + TTiles.Width < n && b.ColumnStride == 1 && (long)n * depth > (1 << 17);
                MultiplyPanel<TTiles>(
                    rows, depth, blockA, panel,
                    c + ((long)m0 * cStride) + j, cStride, start.From(m0, j),
                    packsNext ? b.From(0, j + TTiles.Width) : default, Math.Min(TTiles.Width, n - j - TTiles.Width));
            }
        }
    }

    /// <summary>Rows of A times one panel of B.</summary>
    internal static void MultiplyPanel<TTiles>(
        int m, int depth, MatrixView a, Panel panel, float* c, int cStride, SumStart start,
        MatrixView next = default, int nextColumns = 0)
        where TTiles : struct, ITileSet
    {
        TileJob job = default;
        job.Depth = depth;
        job.B = panel.Data;
        job.AStride = (nint)a.RowStride * sizeof(float);
        job.AStep = (nint)a.ColumnStride * sizeof(float);
        job.BStep = (nint)panel.Stride * sizeof(float);
        job.CStride = (nint)cStride * sizeof(float);
        job.StartStride = (nint)start.Stride * sizeof(float);
        int tiles = (m + TTiles.Height - 1) / TTiles.Height;
        for (int tile = 0; tile < tiles; tile++)
        {
            // Heights as even as can be: 32 rows are 11 + 11 + 10, since a tile of a few rows cannot keep the processor busy.
            int i = (int)((long)m * tile / tiles), rows = (int)((long)m * (tile + 1) / tiles) - i;
            if (next.Data is not null)
            {
                Prefetching.Ahead(next, (int)((long)depth * tile / tiles), (int)((long)depth * (tile + 1) / tiles), nextColumns);
            }

            if (i + rows < m && (long)m * cStride > (1 << 14))
            {
                Prefetching.Tile(c + ((long)(i + rows) * cStride), cStride, Math.Min(rows, m - i - rows), panel.Columns);
            }

            job.A = a.Data + ((long)i * a.RowStride);
            job.C = c + ((long)i * cStride);
            job.Start = start.From(i, 0).Pointer;
            if (panel.Columns == panel.Width)
            {
                TTiles.Run(rows, panel.Width, job);
            }
            else
            {
                RunBesideEdge<TTiles>(rows, panel.Columns, panel.Width, job);
            }
        }
    }

    /// <summary>A tile that hangs over the right edge is computed aside; zeros in the panel fill what lies outside.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunBesideEdge<TTiles>(int rows, int columns, int width, TileJob job)
        where TTiles : struct, ITileSet
    {
        float* tile = stackalloc float[TTiles.Height * TTiles.Width];
        float* c = job.C;
        nint cStride = job.CStride / sizeof(float);
        if (job.Start is not null)
        {
            Copy(job.Start, job.StartStride / sizeof(float), tile, width, rows, columns);
            job.Start = tile;
            job.StartStride = (nint)width * sizeof(float);
        }

        job.C = tile;
        job.CStride = (nint)width * sizeof(float);
        TTiles.Run(rows, width, job);
        Copy(tile, width, c, cStride, rows, columns);
    }

    private static void Copy(float* source, nint sourceStride, float* destination, nint destinationStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(source + (row * sourceStride), columns)
                .CopyTo(new Span<float>(destination + (row * destinationStride), columns));
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
                Multiply<TTiles>(M, N, K, A, B, C, CStride, Start);
            }
        }
    }
}
