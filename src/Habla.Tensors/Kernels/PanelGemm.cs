using System.Runtime.CompilerServices;

namespace Habla.Tensors.Kernels;

/// <summary>Rows of A times one panel of B, tile under tile: the loop that all products end in.</summary>
/// <remarks>
/// Heights are as even as can be: 13 rows are 7 + 6, not 12 + 1. From 4 × 32 up a tile reaches the peak of the multiply-add units
/// (236 GFLOP/s and more of about 245), but 4 × 16 only 134 to 180 and 8 × 16 224: fewer chains of sums than are needed to keep
/// the units from waiting for each other's results.
/// </remarks>
internal static unsafe class PanelGemm
{
    // Above this many floats C does not stay in the L1 cache, and the next tile is asked for while this one is computed.
    private const int PrefetchedFrom = 1 << 14;

    /// <summary>Rows of A times one panel of B.</summary>
    public static void Multiply<TTiles>(
        int m, int depth, MatrixView a, Panel panel, float* c, int cStride, SumStart start,
        MatrixView next = default)
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
            int i = (int)((long)m * tile / tiles), rows = (int)((long)m * (tile + 1) / tiles) - i;
            if (next.Data is not null)
            {
                Prefetching.Ahead(next, (int)((long)depth * tile / tiles), (int)((long)depth * (tile + 1) / tiles));
            }

            if (i + rows < m && (long)m * cStride > PrefetchedFrom)
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
}
