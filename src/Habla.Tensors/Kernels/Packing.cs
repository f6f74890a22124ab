using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>Copies a panel of B, all its rows and a tile's width of its columns, into one straight line of memory.</summary>
internal static unsafe class Packing
{
    private const int Block = 8;

    /// <summary>Element (k, j) goes to <c>k·width + j</c>; columns past the end are zeros.</summary>
    /// <param name="source">B, from the panel's first element on.</param>
    /// <param name="depth">Rows of B.</param>
    /// <param name="columns">Columns that the panel really has.</param>
    /// <param name="width">Columns that it is given, a multiple of 16.</param>
    /// <param name="packed">depth × width floats.</param>
    public static void Pack(MatrixView source, int depth, int columns, int width, float* packed)
    {
        if (source.ColumnStride == 1)
        {
            Copy(source, depth, columns, width, packed);
        }
        else
        {
            Transpose(source, depth, columns, width, packed);
        }
    }

    /// <summary>B's rows are contiguous.</summary>
    private static void Copy(MatrixView source, int depth, int columns, int width, float* packed)
    {
        float* from = source.Data;
        long stride = source.RowStride;
        if (columns == 32)
        {
            for (int k = 0; k < depth; k++, from += stride, packed += 32)
            {
                Vector512.Load(from).Store(packed);
                Vector512.Load(from + 16).Store(packed + 16);
            }

            return;
        }

        if (columns == 16 && width == 16)
        {
            for (int k = 0; k < depth; k++, from += stride, packed += 16)
            {
                Vector512.Load(from).Store(packed);
            }

            return;
        }

        for (int k = 0; k < depth; k++, from += stride, packed += width)
        {
            new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(packed, columns));
            new Span<float>(packed + columns, width - columns).Clear();
        }
    }

    /// <summary>B's columns are contiguous: 8 × 8 blocks are turned in registers, the rest one by one.</summary>
    private static void Transpose(MatrixView source, int depth, int columns, int width, float* packed)
    {
        int wholeDepth = Avx.IsSupported ? depth / Block * Block : 0;
        int wholeColumns = columns / Block * Block;
        for (int j = 0; j < wholeColumns; j += Block)
        {
            float* from = source.Data + ((long)j * source.ColumnStride);
            for (int k = 0; k < wholeDepth; k += Block)
            {
                Transpose8x8(from + k, source.ColumnStride, packed + ((long)k * width) + j, width);
            }
        }

        TransposeOneByOne(source, 0, wholeDepth, wholeColumns, columns, width, packed);
        TransposeOneByOne(source, wholeDepth, depth, 0, columns, width, packed);
        for (int k = 0; columns < width && k < depth; k++)
        {
            new Span<float>(packed + ((long)k * width) + columns, width - columns).Clear();
        }
    }

    private static void TransposeOneByOne(
        MatrixView source, int fromDepth, int toDepth, int fromColumn, int toColumn, int width, float* packed)
    {
        for (int j = fromColumn; j < toColumn; j++)
        {
            float* from = source.Data + ((long)j * source.ColumnStride);
            float* to = packed + ((long)fromDepth * width) + j;
            for (int k = fromDepth; k < toDepth; k++, to += width)
            {
                *to = from[k];
            }
        }
    }

    /// <summary>Pairs, then pairs of pairs, then halves change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8x8(float* from, long stride, float* to, long toStride)
    {
        Vector256<float> r0 = Vector256.Load(from), r1 = Vector256.Load(from + stride);
        Vector256<float> r2 = Vector256.Load(from + (2 * stride)), r3 = Vector256.Load(from + (3 * stride));
        Vector256<float> r4 = Vector256.Load(from + (4 * stride)), r5 = Vector256.Load(from + (5 * stride));
        Vector256<float> r6 = Vector256.Load(from + (6 * stride)), r7 = Vector256.Load(from + (7 * stride));

        Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> a4 = Avx.UnpackLow(r4, r5), a5 = Avx.UnpackHigh(r4, r5);
        Vector256<float> a6 = Avx.UnpackLow(r6, r7), a7 = Avx.UnpackHigh(r6, r7);

        Vector256<float> b0 = Avx.Shuffle(a0, a2, 0x44), b1 = Avx.Shuffle(a0, a2, 0xEE);
        Vector256<float> b2 = Avx.Shuffle(a1, a3, 0x44), b3 = Avx.Shuffle(a1, a3, 0xEE);
        Vector256<float> b4 = Avx.Shuffle(a4, a6, 0x44), b5 = Avx.Shuffle(a4, a6, 0xEE);
        Vector256<float> b6 = Avx.Shuffle(a5, a7, 0x44), b7 = Avx.Shuffle(a5, a7, 0xEE);

        Avx.Permute2x128(b0, b4, 0x20).Store(to);
        Avx.Permute2x128(b1, b5, 0x20).Store(to + toStride);
        Avx.Permute2x128(b2, b6, 0x20).Store(to + (2 * toStride));
        Avx.Permute2x128(b3, b7, 0x20).Store(to + (3 * toStride));
        Avx.Permute2x128(b0, b4, 0x31).Store(to + (4 * toStride));
        Avx.Permute2x128(b1, b5, 0x31).Store(to + (5 * toStride));
        Avx.Permute2x128(b2, b6, 0x31).Store(to + (6 * toStride));
        Avx.Permute2x128(b3, b7, 0x31).Store(to + (7 * toStride));
    }
}
