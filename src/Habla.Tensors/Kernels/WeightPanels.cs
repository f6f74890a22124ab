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
/// makes of the rounded matrix, whatever the form, the rows and the threads. With one row a weight is used once, and becomes a float32
/// number in a register on its way into the sum. With more, a stretch of a panel becomes float32 numbers in the cache first and the
/// tiles of all products follow. Threads share whole panels.
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
    public override long Bytes => _panelBytes * _panels;

    /// <summary>Outputs in a panel.</summary>
    private static int Width => 4 * TColumns.Width;

    /// <summary>Bytes of a panel's weights of one input.</summary>
    private static int RowBytes => Width * TForm.Bytes;

    /// <summary>Bytes of a panel's scales of one block.</summary>
    private static int ScaleBytes => Width * TForm.ScaleBytes;

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

    /// <summary>One row of x times panels.</summary>
    private void MultiplyRow(float* x, float* y, SumStart start, int from, int to)
    {
        float* edge = stackalloc float[Width];
        for (int panel = from; panel < to; panel++)
        {
            int first = panel * Width, columns = Math.Min(Width, _outputs - first);
            float* begin = start.From(0, first).Pointer;
            if (columns == Width)
            {
                Sum(PanelAt(panel), _inputs, x, begin, y + first);
                continue;
            }

            var aside = new Span<float>(edge, columns);
            if (begin is not null)
            {
                new ReadOnlySpan<float>(begin, columns).CopyTo(aside);
            }

            Sum(PanelAt(panel), _inputs, x, begin is null ? null : edge, edge);
            aside.CopyTo(new Span<float>(y + first, columns));
        }
    }

    /// <summary>The chains of one row of x and one panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(byte* panel, int inputs, float* x, float* start, float* y)
    {
        TVector y0 = default!, y1 = default!, y2 = default!, y3 = default!;
        if (start is not null)
        {
            (y0, y1) = (TColumns.Load(start), TColumns.Load(start + TColumns.Width));
            (y2, y3) = (TColumns.Load(start + (2 * TColumns.Width)), TColumns.Load(start + (3 * TColumns.Width)));
        }

        int vector = TColumns.Width * TForm.Bytes, scale = TColumns.Width * TForm.ScaleBytes;
        for (; inputs > 0; inputs -= BlockSize)
        {
            TVector s0 = TForm.Scales(panel), s1 = TForm.Scales(panel + scale);
            TVector s2 = TForm.Scales(panel + (2 * scale)), s3 = TForm.Scales(panel + (3 * scale));
            panel += ScaleBytes;
            for (int k = Math.Min(inputs, BlockSize); k > 0; k--)
            {
                AskFor(panel + AskedAhead);
                TVector one = TColumns.Broadcast(x);
                y0 = TColumns.MultiplyAdd(one, TForm.Load(panel, s0), y0);
                y1 = TColumns.MultiplyAdd(one, TForm.Load(panel + vector, s1), y1);
                y2 = TColumns.MultiplyAdd(one, TForm.Load(panel + (2 * vector), s2), y2);
                y3 = TColumns.MultiplyAdd(one, TForm.Load(panel + (3 * vector), s3), y3);
                x++;
                panel += RowBytes;
            }
        }

        TColumns.Store(y0, y);
        TColumns.Store(y1, y + TColumns.Width);
        TColumns.Store(y2, y + (2 * TColumns.Width));
        TColumns.Store(y3, y + (3 * TColumns.Width));
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
        new Span<byte>(place, (int)_panelBytes).Clear();
        int columns = Math.Min(Width, _outputs - (panel * Width));
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
            if (Rows == 1)
            {
                Owner.MultiplyRow(X, Y, Start, from, to);
            }
            else
            {
                Owner.MultiplyRows(Rows, X, Y, Start, from, to);
            }
        }
    }
}
