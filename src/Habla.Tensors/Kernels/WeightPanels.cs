using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>Panels of 64 outputs, four 512-bit registers.</summary>
internal sealed unsafe class WidePanels<TForm>(float* weights, int outputs, int inputs, WorkerPool pool)
    : WeightPanels<TForm, Vector512<float>, WideColumns<OneRegister>, WideTiles>(weights, outputs, inputs, pool)
    where TForm : struct, IWeightForm<Vector512<float>>;

/// <summary>Panels of 32 outputs, four 256-bit registers.</summary>
internal sealed unsafe class NarrowPanels<TForm>(float* weights, int outputs, int inputs, WorkerPool pool)
    : WeightPanels<TForm, Vector256<float>, HalfColumns16, NarrowTiles>(weights, outputs, inputs, pool)
    where TForm : struct, IWeightForm<Vector256<float>>;

/// <summary>
/// A weight matrix in panels of four registers of outputs. A panel is one straight line of memory: for each block of 32 inputs the scales of
/// its outputs, then for each input a weight of every output. One row of x, the next token, reads it from start to end as it lies.
/// </summary>
/// <remarks>
/// Two ways, one result: weights become float32 numbers exactly, so each element is the chain of fused multiply-adds that <see cref="Gemm"/>
/// makes of the rounded matrix, whatever the form, the rows and the threads. With few rows a weight becomes a float32 number in a register
/// on its way into the sums of up to four of them. With many, a stretch of a panel becomes float32 numbers in the cache first and the
/// tiles of all products follow. Threads share whole panels.
/// One row and one thread read 45 GB/s of q8_0 from the third-level cache (16 weights in 0.38 ns), 24 of float16 and 48 of float32, on a
/// core that reads 20 to 30 from memory. Two to eight rows through tiles took 1.2 to 3 times as long as this way, since tiles of so few rows
/// wait for their own sums, and cost a pass over the numbers besides.
/// </remarks>
internal abstract unsafe class WeightPanels<TForm, TVector, TColumns, TTiles> : WeightMatrix
    where TForm : struct, IWeightForm<TVector>
    where TColumns : struct, ITileVectors<TVector>
    where TTiles : struct, ITileSet
{
    private const int BlockSize = Q8Block.Size;

    // Below this many weights a thread the work costs more to hand out than to do.
    private const long SharedFrom = 1 << 15;

    // How far ahead of the sums memory is asked for.
    private const int AskedAhead = 2048;

    // Up to this many rows panels are read as they lie, once for as many rows as have room in registers.
    private const int StreamedRows = 12;

    private readonly int _outputs, _inputs, _panels;
    private readonly long _panelBytes;
    private readonly AlignedMemory _memory;

    protected WeightPanels(float* weights, int outputs, int inputs, WorkerPool pool)
    {
        (_outputs, _inputs, _panels) = (outputs, inputs, (outputs + Width - 1) / Width);
        _panelBytes = OffsetOf(inputs);
        _memory = new AlignedMemory(_panelBytes * _panels / sizeof(float));
        pool.For(_panels, new Packing { Owner = this, Weights = weights });
    }

    /// <inheritdoc/>
    public override long Bytes => _outputs * (_panelBytes / Width);

    /// <summary>Outputs in a panel.</summary>
    private static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4 * TColumns.Width;
    }

    /// <summary>How many rows of y have room in registers beside their weights: 16 of 32, or 8 of 16, are sums.</summary>
    private static int RowsAtOnce => TColumns.Width == 16 ? 4 : 2;

    /// <summary>Bytes of a panel's weights of one input.</summary>
    private static int RowBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Width * TForm.Bytes;
    }

    /// <summary>Bytes of a panel's scales of one block.</summary>
    private static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Width * TForm.ScaleBytes;
    }

    /// <summary>Whether a panel can be multiplied as it lies.</summary>
    private static bool IsFloat32 => TForm.Bytes == sizeof(float);

    /// <inheritdoc/>
    public override void Multiply(int rows, float* x, float* y, SumStart start, WorkerPool pool)
    {
        var work = new Product { Owner = this, Rows = rows, X = x, Y = y, Start = start, Pieces = 1 };
        long products = (long)rows * _outputs * _inputs;
        if (pool.CanShare && products >= 2 * SharedFrom)
        {
            // A few pieces a thread where that leaves each enough to do, so that the others take over from one that is held up.
            long most = Math.Min(4L * pool.ThreadCount, products / SharedFrom);
            work.Pieces = (int)Math.Min(_panels, most);
            pool.For(work.Pieces, work);
        }
        else
        {
            work.Run(0);
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    /// <summary>Where the block begins within a panel that has this input first; or, for the number of all, where the panel ends.</summary>
    private static long OffsetOf(int input) => ((long)input * RowBytes) + ((long)((input + BlockSize - 1) / BlockSize) * ScaleBytes);

    private byte* PanelAt(int panel) => (byte*)_memory.Pointer + (panel * _panelBytes);

    /// <summary>A few rows of x times panels, as many at once as have room in registers.</summary>
    private void Stream(int rows, float* x, float* y, SumStart start, int from, int to)
    {
        for (int panel = from; panel < to; panel++)
        {
            int first = panel * Width, columns = Math.Min(Width, _outputs - first);
            for (int row = 0; row < rows; row += RowsAtOnce)
            {
                StreamPanel(
                    Math.Min(RowsAtOnce, rows - row), panel, columns, x + ((long)row * _inputs), y + ((long)row * _outputs) + first,
                    start.From(row, first));
            }
        }
    }

    private void StreamPanel(int rows, int panel, int columns, float* x, float* y, SumStart start)
    {
        if (columns == Width)
        {
            Stream(rows, PanelAt(panel), _inputs, x, start, y, _outputs);
            return;
        }

        // What hangs over the right edge is computed aside; zeros in the panel fill what lies outside.
        float* aside = stackalloc float[RowsAtOnce * Width];
        for (int row = 0; row < rows && start.Data != 0; row++)
        {
            new ReadOnlySpan<float>(start.From(row, 0).Pointer, columns).CopyTo(new Span<float>(aside + (row * Width), columns));
        }

        Stream(rows, PanelAt(panel), _inputs, x, start.Data == 0 ? start : SumStart.Matrix(aside, Width), aside, Width);
        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(aside + (row * Width), columns).CopyTo(new Span<float>(y + ((long)row * _outputs), columns));
        }
    }

    private static void Stream(int rows, byte* panel, int inputs, float* x, SumStart start, float* y, int yStride)
    {
        switch (rows)
        {
            case 1:
                Stream<StreamRow<TVector, TColumns, NoStreamRows<TVector>>>(panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            case 2:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>(panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            case 3:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>>(
                    panel, inputs, x, start.Pointer, start.Stride, y, yStride);
                break;
            default:
                Stream<StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, StreamRow<TVector, TColumns, NoStreamRows<TVector>>>>>>(
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

    /// <summary>Several rows of x times panels.</summary>
    private void MultiplyRows(int rows, float* x, float* y, SumStart start, int from, int to)
    {
        for (int k = 0; k < _inputs; k += BlockedGemm.BlockK)
        {
            int depth = Math.Min(BlockedGemm.BlockK, _inputs - k);
            MatrixView a = MatrixView.RowMajor(x, _inputs).From(0, k);
            for (int panel = from; panel < to; panel++)
            {
                int first = panel * Width, columns = Math.Min(Width, _outputs - first);
                SumStart begin = k == 0 ? start.From(0, first) : SumStart.Matrix(y + first, _outputs);
                float* numbers = NumbersOf(PanelAt(panel) + OffsetOf(k), depth);
                for (int j = 0; j < columns; j += TTiles.Width)
                {
                    int kept = Math.Min(TTiles.Width, columns - j);
                    PanelGemm.Multiply<TTiles>(
                        rows, depth, a, new Panel(numbers + j, Width, kept, TTiles.WidthFor(kept)), y + first + j, _outputs, begin.From(0, j));
                }
            }
        }
    }

    /// <summary>A stretch of a panel as float32 numbers: where it lies, or in this thread's buffer.</summary>
    private static float* NumbersOf(byte* panel, int depth)
    {
        if (IsFloat32)
        {
            return (float*)panel;
        }

        float* numbers = PackingBuffers.OfThisThread.B((long)depth * Width);
        Widen(panel, depth, numbers);
        return numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(byte* panel, int depth, float* numbers)
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

    /// <summary>Fills a panel; outputs past the end are zeros.</summary>
    private void Pack(float* weights, int panel)
    {
        byte* place = PanelAt(panel);
        int columns = Math.Min(Width, _outputs - (panel * Width));
        if (IsFloat32)
        {
            MatrixView matrix = MatrixView.RowMajor(weights, _inputs).From(panel * Width, 0);
            Kernels.Packing.Pack(matrix.Transposed, _inputs, columns, Width, (float*)place);
            return;
        }

        new Span<byte>(place, (int)_panelBytes).Clear();
        for (int k = 0; k < _inputs; k += BlockSize)
        {
            int depth = Math.Min(BlockSize, _inputs - k);
            byte* block = place + OffsetOf(k);
            for (int j = 0; j < columns; j++)
            {
                var row = new ReadOnlySpan<float>(weights + (((long)(panel * Width) + j) * _inputs) + k, depth);
                TForm.Store(row, block + ScaleBytes + (j * TForm.Bytes), RowBytes, block + (j * TForm.ScaleBytes));
            }
        }
    }

    private struct Packing : IParallelWork
    {
        public WeightPanels<TForm, TVector, TColumns, TTiles> Owner;
        public float* Weights;

        public readonly void Run(int piece) => Owner.Pack(Weights, piece);
    }

    private struct Product : IParallelWork
    {
        public WeightPanels<TForm, TVector, TColumns, TTiles> Owner;
        public int Rows, Pieces;
        public float* X, Y;
        public SumStart Start;

        public readonly void Run(int piece)
        {
            int from = (int)((long)Owner._panels * piece / Pieces), to = (int)((long)Owner._panels * (piece + 1) / Pieces);
            if (Rows <= StreamedRows)
            {
                Owner.Stream(Rows, X, Y, Start, from, to);
            }
            else
            {
                Owner.MultiplyRows(Rows, X, Y, Start, from, to);
            }
        }
    }
}
