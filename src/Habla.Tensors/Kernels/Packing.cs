using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>Copies a panel of B, all its rows and a tile's width of its columns, into one straight line of memory.</summary>
/// <remarks>
/// Whole blocks of 16 × 16 in registers, 64 exchanges for 256 numbers, were no faster than four rows of B at a time, whose loads do half
/// of the exchanging; blocks of 8 × 8 were 1 to 2 % of a product slower.
/// </remarks>
internal static unsafe class Packing
{
    private const int RowsAtOnce = 4;

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

    /// <summary>B's columns are contiguous: four rows of B at a time, for 16 or 8 columns in registers, the rest one by one.</summary>
    private static void Transpose(MatrixView source, int depth, int columns, int width, float* packed)
    {
        int columnsAtOnce = Avx512F.IsSupported ? 16 : 8, stride = source.ColumnStride;
        int wholeDepth = Avx.IsSupported ? depth / RowsAtOnce * RowsAtOnce : 0, wholeColumns = columns / columnsAtOnce * columnsAtOnce;
        for (int k = 0; k < wholeDepth; k += RowsAtOnce)
        {
            for (int j = 0; j < wholeColumns; j += columnsAtOnce)
            {
                float* from = source.Data + ((long)j * stride) + k, to = packed + ((long)k * width) + j;
                if (Avx512F.IsSupported)
                {
                    Transpose16(from, stride, to, width);
                }
                else
                {
                    Transpose8(from, stride, to, width);
                }
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

    /// <summary>
    /// Four numbers of each of 16 columns: loads put the columns i, i + 4, i + 8 and i + 12 beside each other, and what is left is to
    /// transpose 4 × 4 numbers within quarters of registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16(float* from, long stride, float* to, long toStride)
    {
        Vector512<float> c0 = Quarters(from, stride), c1 = Quarters(from + stride, stride);
        Vector512<float> c2 = Quarters(from + (2 * stride), stride), c3 = Quarters(from + (3 * stride), stride);
        Vector512<float> low01 = Avx512F.UnpackLow(c0, c1), low23 = Avx512F.UnpackLow(c2, c3);
        Vector512<float> high01 = Avx512F.UnpackHigh(c0, c1), high23 = Avx512F.UnpackHigh(c2, c3);
        Avx512F.Shuffle(low01, low23, 0x44).Store(to);
        Avx512F.Shuffle(low01, low23, 0xEE).Store(to + toStride);
        Avx512F.Shuffle(high01, high23, 0x44).Store(to + (2 * toStride));
        Avx512F.Shuffle(high01, high23, 0xEE).Store(to + (3 * toStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* from, long stride)
    {
        Vector512<float> quarters = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        quarters = Avx512F.InsertVector128(quarters, Vector128.Load(from + (4 * stride)), 1);
        quarters = Avx512F.InsertVector128(quarters, Vector128.Load(from + (8 * stride)), 2);
        return Avx512F.InsertVector128(quarters, Vector128.Load(from + (12 * stride)), 3);
    }

    /// <summary>The same for 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8(float* from, long stride, float* to, long toStride)
    {
        Vector256<float> c0 = Halves(from, stride), c1 = Halves(from + stride, stride);
        Vector256<float> c2 = Halves(from + (2 * stride), stride), c3 = Halves(from + (3 * stride), stride);
        Vector256<float> low01 = Avx.UnpackLow(c0, c1), low23 = Avx.UnpackLow(c2, c3);
        Vector256<float> high01 = Avx.UnpackHigh(c0, c1), high23 = Avx.UnpackHigh(c2, c3);
        Avx.Shuffle(low01, low23, 0x44).Store(to);
        Avx.Shuffle(low01, low23, 0xEE).Store(to + toStride);
        Avx.Shuffle(high01, high23, 0x44).Store(to + (2 * toStride));
        Avx.Shuffle(high01, high23, 0xEE).Store(to + (3 * toStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* from, long stride) =>
        Avx.InsertVector128(Vector128.Load(from).ToVector256Unsafe(), Vector128.Load(from + (4 * stride)), 1);
}
