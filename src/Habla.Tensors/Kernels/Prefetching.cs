using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Asks for memory before it is needed, while tiles are being computed: what the processor would not guess by itself, because
/// rows lie far apart. Changes no result; does nothing where there is no such instruction.
/// </summary>
/// <remarks>Here what the next tile needs; <see cref="Ahead"/> has what the next panel and block need, with figures.</remarks>
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
}
