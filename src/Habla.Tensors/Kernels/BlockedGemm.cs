namespace Habla.Tensors.Kernels;

/// <summary>
/// A product on one thread, in the manner of Goto and van de Geijn: K and the rows of A are cut into blocks that stay in the L2 cache,
/// the columns of B into panels a tile wide.
/// </summary>
/// <remarks>
/// Measured on one core with a peak of 240 GFLOP/s; other sizes are in bench/results.
/// A is read where it lies, but for <see cref="FarRows"/>. Goto packs it; a first version that packed both operands reached 64 % of
/// the peak over a step of the preset shakespeare-char, this one 77 % with everything else included. B is read where it lies too when
/// its rows are contiguous and not far apart: packing such a panel cost 8 to 10 % at 64 × 64 × 256 and 192 × 128 × 512. Blocks of 256
/// instead of 512 take up C twice as often, 10 % at 2048 × 1536 × 384, although a panel of 512 rows is larger than the L1 cache.
/// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 2008.
/// </remarks>
internal static unsafe class BlockedGemm
{
    /// <summary>Depth of a block. Up to half as much again stays in one, because a second block reads and writes C once more.</summary>
    internal const int BlockK = 512;

    // A block of A, 264 × 512 floats, is half of an L2 cache of 1 MB (three quarters at the deepest).
    private const int BlockM = 264;
    private const int BlockN = 2048;

    // A panel of B whose rows are contiguous is packed only when they are far apart and many rows of A use it.
    private const int DirectRows = 96;
    private const int DirectStride = 512;

    // Rows a multiple of 4 KB apart crowd into few sets of the caches. They are brought together where enough panels use them.
    private const int CrowdingStride = 1024;
    private const int TogetherFrom = 256;

    // A B of so many floats, half of the L2 cache, is asked for a panel ahead.
    private const int PrefetchedFrom = 1 << 17;

    public static void Multiply<TTiles>(
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
                    m, Math.Min(BlockN, n - n0), depth, block + 1 < blocks ? depth : 0, a.From(0, k0), b.From(k0, n0), c + n0, cStride,
                    blockStart);
            }
        }
    }

    /// <summary>The same with a B that <see cref="PackedMatrix{TTiles}.Copy"/> packed.</summary>
    public static void MultiplyPacked<TTiles>(
        int m, int n, int k, MatrixView a, float* packed, float* c, int cStride, SumStart start)
        where TTiles : struct, ITileSet
    {
        for (int k0 = 0; k0 < k; k0 += BlockK)
        {
            int depth = Math.Min(BlockK, k - k0);
            for (int j = 0; j < n; j += TTiles.Width)
            {
                int columns = Math.Min(TTiles.Width, n - j), width = TTiles.WidthFor(columns);
                var panel = new Panel(packed + ((long)j * k) + ((long)k0 * width), width, columns, width);
                SumStart blockStart = k0 == 0 ? start.From(0, j) : SumStart.Matrix(c + j, cStride);
                PanelGemm.Multiply<TTiles>(m, depth, a.From(0, k0), panel, c + j, cStride, blockStart);
            }
        }
    }

    private static void MultiplyBlock<TTiles>(
        int m, int n, int depth, int nextK, MatrixView a, MatrixView b, float* c, int cStride, SumStart start)
        where TTiles : struct, ITileSet
    {
        // With one block of rows each panel is used once and can take the place of the one before.
        bool keepPanels = m > BlockM;
        int panelSize = TTiles.Width * depth;
        int panels = (n + TTiles.Width - 1) / TTiles.Width;
        float* packed = PackingBuffers.OfThisThread.B(keepPanels ? (long)panels * panelSize : panelSize);
        int blocks = (m + BlockM - 1) / BlockM;

        bool crowds = Math.Max(a.RowStride, a.ColumnStride) % CrowdingStride == 0;
        bool brings = crowds && a.ColumnStride == 1 && n >= TogetherFrom;
        MatrixView together = brings
            ? MatrixView.RowMajor(PackingBuffers.OfThisThread.A((long)BlockM * (depth + Lanes.Count)), depth + Lanes.Count)
            : default;
        for (int block = 0; block < blocks; block++)
        {
            int m0 = (int)((long)m * block / blocks), rows = (int)((long)m * (block + 1) / blocks) - m0;
            MatrixView blockA = a.From(m0, 0);
            FarRows farRows = brings ? new FarRows(blockA.Data, blockA.RowStride, rows, depth) : default;

            // Crowded, the next block would drive out this one.
            Ahead nextA = crowds ? default
                : m0 + rows < m ? Ahead.Of(a.From(m0 + rows, 0), (int)((long)m * (block + 2) / blocks) - m0 - rows, depth)
                : nextK > 0 ? Ahead.Of(a.From(0, depth), m / blocks, nextK)
                : default;
            for (int j = 0; j < n; j += TTiles.Width)
            {
                int columns = Math.Min(TTiles.Width, n - j), width = TTiles.WidthFor(columns);
                float* memory = keepPanels ? packed + ((long)(j / TTiles.Width) * panelSize) : packed;
                var panel = new Panel(memory, width, columns, width);
                if (b.ColumnStride == 1 && columns == width)
                {
                    bool stays = m <= DirectRows || b.RowStride <= DirectStride;
                    if (stays || m0 == 0)
                    {
                        panel = new Panel(b.From(0, j).Data, b.RowStride, columns, width, stays ? null : memory);
                    }
                }
                else if (m0 == 0)
                {
                    Packing.Pack(b.From(0, j), depth, columns, width, memory);
                }

                Ahead nextB = m0 == 0 && j + TTiles.Width < n && (long)n * depth > PrefetchedFrom
                    ? Ahead.Of(b.From(0, j + TTiles.Width), depth, Math.Min(TTiles.Width, n - j - TTiles.Width))
                    : default;
                PanelGemm.Multiply<TTiles>(
                    rows, depth, brings ? together : blockA, panel, c + ((long)m0 * cStride) + j, cStride, start.From(m0, j),
                    nextB, nextA.IsEmpty ? default : nextA.Part(j / TTiles.Width, panels), j == 0 ? farRows : default);
            }
        }
    }
}
