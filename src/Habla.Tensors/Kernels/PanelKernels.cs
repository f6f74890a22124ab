using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// What is done with one panel of <see cref="WeightMatrix"/>: a few rows of x go through it as it lies, or it becomes float32 numbers.
/// </summary>
internal static unsafe class PanelKernels<TForm, TVector, TColumns>
    where TForm : struct, IWeightForm<TVector>
    where TColumns : struct, ITileVectors<TVector>
{
    private const int BlockSize = Q8Block.Size;

    // How far ahead of the sums memory is asked for.
    private const int AskedAhead = 2048;

    /// <summary>Outputs in a panel.</summary>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4 * TColumns.Width;
    }

    /// <summary>How many rows of y have room in registers beside their weights: 16 of 32, or 8 of 16, are sums.</summary>
    public static int RowsAtOnce => TColumns.Width == 16 ? 4 : 2;

    /// <summary>Bytes of a panel's weights of one input.</summary>
    public static int RowBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Width * TForm.Bytes;
    }

    /// <summary>Bytes of a panel's scales of one block.</summary>
    public static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Width * TForm.ScaleBytes;
    }

    /// <summary>Some rows of x times one panel, up to <see cref="RowsAtOnce"/>.</summary>
    public static void Stream(int rows, byte* panel, int inputs, float* x, SumStart start, float* y, int yStride)
    {
        switch (rows)
        {
            case 1:
                Stream<StreamRow<TVector, TColumns, NoStreamRows<TVector>>>(panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            case 2:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>(
                    panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            case 3:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>>(
                    panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            default:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns,
                    StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>>>(
                    panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
        }
    }

    /// <summary>The chains of some rows of x and one panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stream<TRows>(byte* panel, int inputs, float* x, float* start, nint startStride, float* y, nint yStride)
        where TRows : struct, IStreamRows<TVector>
    {
        TRows rows = default;
        rows.Start(start, startStride);
        nint xStride = inputs;
        int vector = TColumns.Width * TForm.Bytes, scale = TColumns.Width * TForm.ScaleBytes;
        for (; inputs > 0; inputs -= BlockSize)
        {
            TVector s0 = TForm.Scales(panel), s1 = TForm.Scales(panel + scale);
            TVector s2 = TForm.Scales(panel + (2 * scale)), s3 = TForm.Scales(panel + (3 * scale));
            panel += ScaleBytes;
            for (int k = Math.Min(inputs, BlockSize); k > 0; k--)
            {
                AskFor(panel + AskedAhead);
                rows.MultiplyAdd(
                    x, xStride, TForm.Load(panel, s0), TForm.Load(panel + vector, s1), TForm.Load(panel + (2 * vector), s2),
                    TForm.Load(panel + (3 * vector), s3));
                x++;
                panel += RowBytes;
            }
        }

        rows.Store(y, yStride);
    }

    /// <summary>Asks for a panel's weights of one input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskFor(byte* weights)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(weights);
            if (RowBytes > 64)
            {
                Sse.Prefetch0(weights + 64);
            }

            if (RowBytes > 128)
            {
                Sse.Prefetch0(weights + 128);
                Sse.Prefetch0(weights + 192);
            }
        }
    }

    /// <summary>Turns a stretch of a panel into float32 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte* panel, int depth, float* numbers)
    {
        int vector = TColumns.Width * TForm.Bytes, scale = TColumns.Width * TForm.ScaleBytes;
        for (; depth > 0; depth -= BlockSize)
        {
            TVector s0 = TForm.Scales(panel), s1 = TForm.Scales(panel + scale);
            TVector s2 = TForm.Scales(panel + (2 * scale)), s3 = TForm.Scales(panel + (3 * scale));
            panel += ScaleBytes;
            for (int k = Math.Min(depth, BlockSize); k > 0; k--)
            {
                TColumns.Store(TForm.Load(panel, s0), numbers);
                TColumns.Store(TForm.Load(panel + vector, s1), numbers + TColumns.Width);
                TColumns.Store(TForm.Load(panel + (2 * vector), s2), numbers + (2 * TColumns.Width));
                TColumns.Store(TForm.Load(panel + (3 * vector), s3), numbers + (3 * TColumns.Width));
                panel += RowBytes;
                numbers += Width;
            }
        }
    }
}
