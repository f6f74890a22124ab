namespace Habla.Tensors.Kernels;

/// <summary>Copies a block of a matrix into panels of a tile's height, so that a micro-kernel reads it in one straight line.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// Cuts the rows into panels of <paramref name="panel"/>; within a panel, element (i, k) goes to <c>k·panel + i</c>. Rows
    /// past the end are zeros. Packing B means packing its transpose.
    /// </summary>
    public static void Pack(MatrixView source, int rows, int depth, int panel, float* packed)
    {
        for (int row = 0; row < rows; row += panel)
        {
            int height = Math.Min(panel, rows - row);
            MatrixView block = source.From(row, 0);
            if (block.RowStride == 1)
            {
                PackContiguousRows(block, height, depth, panel, packed);
            }
            else
            {
                PackTransposing(block, height, depth, panel, packed);
            }

            packed += (long)panel * depth;
        }
    }

    /// <summary>The panel's rows lie side by side in memory: each k is a straight copy.</summary>
    private static void PackContiguousRows(MatrixView block, int height, int depth, int panel, float* packed)
    {
        for (int k = 0; k < depth; k++)
        {
            var to = new Span<float>(packed + ((long)k * panel), panel);
            new ReadOnlySpan<float>(block.Data + ((long)k * block.ColumnStride), height).CopyTo(to);
            to[height..].Clear();
        }
    }

    /// <summary>The panel's rows lie apart, each contiguous in k: the copy transposes.</summary>
    private static void PackTransposing(MatrixView block, int height, int depth, int panel, float* packed)
    {
        for (int i = 0; i < height; i++)
        {
            float* from = block.Data + ((long)i * block.RowStride);
            float* to = packed + i;
            for (int k = 0; k < depth; k++, to += panel)
            {
                *to = from[(long)k * block.ColumnStride];
            }
        }

        for (int i = height; i < panel; i++)
        {
            float* to = packed + i;
            for (int k = 0; k < depth; k++, to += panel)
            {
                *to = 0;
            }
        }
    }
}
