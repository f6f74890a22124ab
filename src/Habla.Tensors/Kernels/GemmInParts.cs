using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// C = A₀·B₀ + A₁·B₁ + …, where the parts are the rows of micro-batches: the gradient of a weight from several of them at once. A
/// tile's products are computed one after another into a small pile beside C, and two of equal weight on top of the pile are added
/// as soon as both are there, which is the fixed tree.
/// </summary>
/// <remarks>
/// Measured on the preset lab, eight micro-batches of 32 rows on two threads: with a pass and a gradient buffer for each, a step took
/// 1.25 ms and the sum of the buffers a tenth of it; with four in a pass, 0.77 ms.
/// </remarks>
internal static unsafe class GemmInParts
{
    // Piles of 2¹⁶ parts and more would need a higher pile; a tape holds at most 2¹².
    private const int PileHeight = 17;

    public static void Multiply<TTiles>(int m, int n, int k, int parts, MatrixView a, MatrixView b, float* c, int cStride)
        where TTiles : struct, ITileSet
    {
        float* packed = PackingBuffers.OfThisThread.B((long)TTiles.Width * k);
        float* pile = stackalloc float[(PileHeight * TTiles.Height * TTiles.Width) + Lanes.Count];
        pile = (float*)(((nint)pile + 63) & ~63); // whole cache lines
        int tiles = (m + TTiles.Height - 1) / TTiles.Height;
        for (int j = 0; j < n; j += TTiles.Width)
        {
            int columns = Math.Min(TTiles.Width, n - j), width = TTiles.WidthFor(columns);
            Packing.Pack(b.From(0, j), k, columns, width, packed);
            for (int tile = 0; tile < tiles; tile++)
            {
                int i = (int)((long)m * tile / tiles), rows = (int)((long)m * (tile + 1) / tiles) - i;
                SumTile<TTiles>(rows, width, k / parts, parts, a.From(i, 0), packed, pile);
                Store(pile, width, c + ((long)i * cStride) + j, cStride, rows, columns);
            }
        }
    }

    /// <summary>Leaves the sum of all parts at the bottom of the pile.</summary>
    private static void SumTile<TTiles>(int rows, int width, int depth, int parts, MatrixView a, float* panel, float* pile)
        where TTiles : struct, ITileSet
    {
        int size = rows * width, height = 0;
        TileJob job = default;
        job.Depth = depth;
        job.AStride = (nint)a.RowStride * sizeof(float);
        job.AStep = (nint)a.ColumnStride * sizeof(float);
        job.BStep = (nint)width * sizeof(float);
        job.CStride = job.BStep;
        for (int part = 0; part < parts; part++)
        {
            job.A = a.From(0, part * depth).Data;
            job.B = panel + ((long)part * depth * width);
            job.C = pile + ((long)height * size);
            TTiles.Run(rows, width, job);
            height++;
            for (int done = part + 1; done % 2 == 0; done /= 2)
            {
                height--;
                AddTop(pile, height, size);
            }
        }

        for (; height > 1; height--)
        {
            AddTop(pile, height - 1, size);
        }
    }

    /// <summary>Adds the tile at <paramref name="top"/> to the one below it.</summary>
    private static void AddTop(float* pile, int top, int size)
    {
        float* above = pile + ((long)top * size);
        float* below = above - size;
        for (int i = 0; i < size; i += Lanes.Count)
        {
            (Vector512.Load(below + i) + Vector512.Load(above + i)).Store(below + i);
        }
    }

    private static void Store(float* tile, int width, float* c, int cStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++, tile += width, c += cStride)
        {
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                Lanes.Store(Vector512.Load(tile + j), c + j, Math.Min(Lanes.Count, columns - j));
            }
        }
    }
}
