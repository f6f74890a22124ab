using System.Runtime.Intrinsics;
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

    private static int Width => PanelKernels<TForm, TVector, TColumns>.Width;

    private static int RowsAtOnce => PanelKernels<TForm, TVector, TColumns>.RowsAtOnce;

    private static int RowBytes => PanelKernels<TForm, TVector, TColumns>.RowBytes;

    private static int ScaleBytes => PanelKernels<TForm, TVector, TColumns>.ScaleBytes;

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
            PanelKernels<TForm, TVector, TColumns>.Stream(rows, PanelAt(panel), _inputs, x, start, y, _outputs);
            return;
        }

        // What hangs over the right edge is computed aside; zeros in the panel fill what lies outside.
        float* aside = stackalloc float[RowsAtOnce * Width];
        for (int row = 0; row < rows && start.Data != 0; row++)
        {
            new ReadOnlySpan<float>(start.From(row, 0).Pointer, columns).CopyTo(new Span<float>(aside + (row * Width), columns));
        }

        SumStart begin = start.Data == 0 ? start : SumStart.Matrix(aside, Width);
        PanelKernels<TForm, TVector, TColumns>.Stream(rows, PanelAt(panel), _inputs, x, begin, aside, Width);
        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(aside + (row * Width), columns).CopyTo(new Span<float>(y + ((long)row * _outputs), columns));
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
                        rows, depth, a, new Panel(numbers + j, Width, kept, TTiles.WidthFor(kept)), y + first + j, _outputs,
                        begin.From(0, j));
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
        PanelKernels<TForm, TVector, TColumns>.Widen(panel, depth, numbers);
        return numbers;
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
