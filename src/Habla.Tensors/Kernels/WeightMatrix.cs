using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>A weight matrix W <c>[out, in]</c> as inference stores it, to be multiplied with: y = start + x·Wᵀ.</summary>
internal abstract unsafe class WeightMatrix : IDisposable
{
    /// <summary>Bytes of its weights and scales, without what fills the last panel.</summary>
    public abstract long Bytes { get; }

    /// <summary>Multiplies: each element is one chain of fused multiply-adds in the order of <c>in</c>, as in <see cref="Gemm"/>.</summary>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="x">x, rows × in, row-major.</param>
    /// <param name="y">y, rows × out, row-major.</param>
    /// <param name="start">What the sums start from.</param>
    /// <param name="pool">The threads to share the work with when there is enough of it.</param>
    public abstract void Multiply(int rows, float* x, float* y, SumStart start, WorkerPool pool);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Stores a matrix in the form and the panels that suit this machine.</summary>
    /// <param name="format">In what numbers.</param>
    /// <param name="weights">W, row-major.</param>
    /// <param name="outputs">Rows of W.</param>
    /// <param name="inputs">Columns of W.</param>
    /// <param name="pool">The threads to share the work with.</param>
    public static WeightMatrix Create(WeightFormat format, float* weights, int outputs, int inputs, WorkerPool pool) =>
        WideTiles.AreBest ? CreateWide(format, weights, outputs, inputs, pool) : CreateNarrow(format, weights, outputs, inputs, pool);

    /// <summary>The same in panels for 512-bit registers.</summary>
    internal static WeightMatrix CreateWide(WeightFormat format, float* weights, int outputs, int inputs, WorkerPool pool) =>
        format switch
        {
            WeightFormat.Float32 => new WidePanels<Float32Form>(weights, outputs, inputs, pool),
            WeightFormat.Float16 => new WidePanels<Float16Form>(weights, outputs, inputs, pool),
            _ => new WidePanels<Q8Form>(weights, outputs, inputs, pool),
        };

    /// <summary>The same in panels for 256-bit registers.</summary>
    internal static WeightMatrix CreateNarrow(WeightFormat format, float* weights, int outputs, int inputs, WorkerPool pool) =>
        format switch
        {
            WeightFormat.Float32 => new NarrowPanels<Float32Form>(weights, outputs, inputs, pool),
            WeightFormat.Float16 => new NarrowPanels<Float16Form>(weights, outputs, inputs, pool),
            _ => new NarrowPanels<Q8Form>(weights, outputs, inputs, pool),
        };
}
