using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>Rows of memory that will be needed soon, to be asked for bit by bit. Changes no result.</summary>
/// <remarks>
/// Asking for the next block of A took Aᵀ·B of 1152 × 384 × 2048 from 192 to 206 GFLOP/s, for the next panel of a transposed B A·Bᵀ of
/// 256 × 768 × 3072 from 190 to 200. Asked for at once instead of a few lines a tile, it gained nothing.
/// </remarks>
/// <param name="data">The first row.</param>
/// <param name="stride">From one row to the next, in floats.</param>
/// <param name="rows">How many rows; 0 for nothing to ask for.</param>
/// <param name="length">Floats in a row.</param>
internal readonly unsafe struct Ahead(float* data, int stride, int rows, int length)
{
    private const int FloatsPerLine = 16;

    /// <summary>Whether there is nothing to ask for.</summary>
    public bool IsEmpty => rows == 0;

    /// <summary>A matrix, along the way its memory goes.</summary>
    public static Ahead Of(MatrixView matrix, int rows, int columns) => matrix.ColumnStride == 1
        ? new Ahead(matrix.Data, matrix.RowStride, rows, columns)
        : matrix.RowStride == 1 ? new Ahead(matrix.Data, matrix.ColumnStride, columns, rows) : default;

    /// <summary>One of several equal parts of the rows.</summary>
    public Ahead Part(int part, int parts)
    {
        int from = (int)((long)rows * part / parts), to = (int)((long)rows * (part + 1) / parts);
        return new Ahead(data + ((long)from * stride), stride, to - from, length);
    }

    /// <summary>Asks for all of it, into the L2 cache.</summary>
    public void Ask()
    {
        if (Sse.IsSupported)
        {
            float* row = data;
            for (int i = 0; i < rows; i++, row += stride)
            {
                for (int j = 0; j < length; j += FloatsPerLine)
                {
                    Sse.Prefetch1(row + j);
                }
            }
        }
    }
}
