using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Asks for memory before it is needed, while tiles are being computed: what the processor would not guess by itself, because
/// rows lie far apart. Changes no result; does nothing where there is no such instruction.
/// </summary>
internal static unsafe class Prefetching
{
    private const int FloatsPerLine = 16;

    /// <summary>A tile of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(float* c, int cStride, int rows, int columns)
    {
        if (Sse.IsSupported)
        {
            for (int row = 0; row < rows; row++, c += cStride)
            {
                Sse.Prefetch0(c);
                if (columns > FloatsPerLine)
                {
                    Sse.Prefetch0(c + FloatsPerLine);
                }
            }
        }
    }

    /// <summary>The rows from <paramref name="from"/> to <paramref name="to"/> of the next panel of B, whose rows are contiguous.</summary>
    public static void Ahead(MatrixView b, int from, int to)
    {
        if (Sse.IsSupported)
        {
            float* row = b.Data + ((long)from * b.RowStride);
            for (int k = from; k < to; k++, row += b.RowStride)
            {
                Sse.Prefetch1(row);
                Sse.Prefetch1(row + FloatsPerLine);
            }
        }
    }
}
