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
    /// <param name="m">Rows of A and C.</param>
    /// <param name="depth">Columns of A and rows of the panel.</param>
    /// <param name="a">A, m × depth.</param>
    /// <param name="panel">The panel. If it is to be packed, the first tile copies it and the others read the copy.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="start">What the sums start from.</param>
    /// <param name="nextB">What of B comes after this, to be asked for on the way; nothing by default.</param>
    /// <param name="nextA">What of A comes after this.</param>
    /// <param name="farRows">The rows that are to be brought to <paramref name="a"/> first; none by default.</param>
    public static void Multiply<TTiles>(
        int m, int depth, MatrixView a, Panel panel, float* c, int cStride, SumStart start,
        in Ahead nextB = default, in Ahead nextA = default, in FarRows farRows = default)
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
        job.Packed = panel.Copy;
        int tiles = (m + TTiles.Height - 1) / TTiles.Height;
        if (tiles == 0)
        {
            return;
        }

        int height = m / tiles, higher = m - (height * tiles);
        for (int tile = 0, i = 0, rows; tile < tiles; tile++, i += rows)
        {
            rows = tile < higher ? height + 1 : height;
            if (!nextB.IsEmpty)
            {
                nextB.Part(tile, tiles).Ask();
            }

            if (!nextA.IsEmpty)
            {
                nextA.Part(tile, tiles).Ask();
            }

            if (i + rows < m && (long)m * cStride > PrefetchedFrom)
            {
                Prefetching.Tile(c + ((long)(i + rows) * cStride), cStride, Math.Min(rows, m - i - rows), panel.Columns);
            }

            if (!farRows.AreNone)
            {
                farRows.Bring(i, rows, a);
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

            if (job.Packed is not null)
            {
                job.B = job.Packed;
                job.BStep = (nint)panel.Width * sizeof(float);
                job.Packed = null;
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
