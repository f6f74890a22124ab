namespace Habla.Tensors.Kernels;

/// <summary>
/// All panels of a small matrix B, so that several products can use them: packed, or where they lie when B's rows are contiguous
/// and end with a whole vector.
/// </summary>
/// <remarks>What packing anew for each product cost is in <see cref="AttentionForward"/> and <see cref="PackedWeights"/>.</remarks>
/// <param name="data">The first panel.</param>
/// <param name="depth">Rows of B.</param>
/// <param name="columns">Columns of B.</param>
/// <param name="rowStride">From one row of B to the next where it lies; 0 when it is packed.</param>
internal readonly unsafe struct PackedMatrix<TTiles>(float* data, int depth, int columns, int rowStride)
    where TTiles : struct, ITileSet
{
    /// <summary>How many floats a packed matrix takes.</summary>
    public static long SizeOf(int depth, int columns) => (long)depth * RoundUp(columns);

    /// <summary>Columns rounded up to whole panels.</summary>
    public static int RoundUp(int columns) => (columns + TTiles.Width - 1) / TTiles.Width * TTiles.Width;

    /// <summary>Packs B into the memory given, if it has to be.</summary>
    public static PackedMatrix<TTiles> Pack(MatrixView b, int depth, int columns, float* memory)
    {
        if (b.ColumnStride == 1 && columns % Lanes.Count == 0)
        {
            return new PackedMatrix<TTiles>(b.Data, depth, columns, b.RowStride);
        }

        Copy(b, depth, columns, memory);
        return new PackedMatrix<TTiles>(memory, depth, columns, 0);
    }

    /// <summary>Packs B into the memory given.</summary>
    public static void Copy(MatrixView b, int depth, int columns, float* memory)
    {
        for (int j = 0; j < columns; j += TTiles.Width)
        {
            int width = Math.Min(TTiles.Width, columns - j);
            Packing.Pack(b.From(0, j), depth, width, TTiles.WidthFor(width), memory + ((long)j * depth));
        }
    }

    /// <summary>C = start + A·(rows of B from <paramref name="firstRow"/> on).</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="firstRow">The row of B that A's first column meets.</param>
    /// <param name="rows">Columns of A.</param>
    /// <param name="a">A, m × rows.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="start">What the sums start from.</param>
    public void Multiply(int m, int firstRow, int rows, MatrixView a, float* c, int cStride, SumStart start)
    {
        for (int j = 0; j < columns; j += TTiles.Width)
        {
            int kept = Math.Min(TTiles.Width, columns - j), width = TTiles.WidthFor(kept);
            var panel = new Panel(PanelAt(j) + ((long)firstRow * StrideOf(width)), StrideOf(width), kept, width);
            PanelGemm.Multiply<TTiles>(m, rows, a, panel, c + j, cStride, start.From(0, j));
        }
    }

    /// <summary>
    /// C = A·B for the first columns of B, and for whatever follows up to the end of a panel: C's rows have room for whole panels.
    /// </summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="wanted">How many columns are wanted.</param>
    /// <param name="a">A, m × rows of B.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    public void MultiplyWhole(int m, int wanted, MatrixView a, float* c, int cStride)
    {
        for (int j = 0; j < wanted; j += TTiles.Width)
        {
            int width = TTiles.WidthFor(Math.Min(TTiles.Width, columns - j));
            PanelGemm.Multiply<TTiles>(
                m, depth, a, new Panel(PanelAt(j), StrideOf(width), width, width), c + j, cStride, SumStart.Zero);
        }
    }

    private float* PanelAt(int column) => rowStride == 0 ? data + ((long)column * depth) : data + column;

    private int StrideOf(int width) => rowStride == 0 ? width : rowStride;
}
