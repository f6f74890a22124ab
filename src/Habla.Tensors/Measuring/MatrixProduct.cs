using System.Diagnostics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Measuring;

/// <summary>Which of a product's operands is stored transposed; all matrices are row-major.</summary>
public enum ProductForm
{
    /// <summary>C = A·B with A <c>[M, K]</c> and B <c>[K, N]</c>: the gradient of a linear map's input.</summary>
    NN,

    /// <summary>C = A·Bᵀ with A <c>[M, K]</c> and B <c>[N, K]</c>: a linear map.</summary>
    NT,

    /// <summary>C = Aᵀ·B with A <c>[K, M]</c> and B <c>[K, N]</c>: the gradient of a linear map's weight.</summary>
    TN,
}

/// <summary>A matrix product of a given size on numbers of its own, to be timed.</summary>
public sealed unsafe class MatrixProduct : IDisposable
{
    private readonly int _m, _n, _k;
    private readonly ProductForm _form;
    private readonly AlignedMemory _a, _b, _c;

    /// <summary>Allocates and fills the matrices.</summary>
    /// <param name="form">Which operand is stored transposed.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">How many products each element of C sums.</param>
    public MatrixProduct(ProductForm form, int m, int n, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(m);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        (_form, _m, _n, _k) = (form, m, n, k);
        _a = new AlignedMemory((long)m * k);
        _b = new AlignedMemory((long)k * n);
        _c = new AlignedMemory((long)m * n);
        Fill(_a, 1);
        Fill(_b, 2);
        _c.Clear();
    }

    /// <summary>Floating-point operations of one product: 2·M·N·K.</summary>
    public double Flops => 2.0 * _m * _n * _k;

    /// <summary>Computes the product once.</summary>
    /// <param name="pool">The threads.</param>
    public void Compute(WorkerPool pool)
    {
        MatrixView a = _form == ProductForm.TN ? MatrixView.RowMajor(_a.Pointer, _m).Transposed : MatrixView.RowMajor(_a.Pointer, _k);
        MatrixView b = _form == ProductForm.NT ? MatrixView.RowMajor(_b.Pointer, _k).Transposed : MatrixView.RowMajor(_b.Pointer, _n);
        Gemm.Multiply(_m, _n, _k, a, b, _c.Pointer, _n, SumStart.Zero, pool);
        GC.KeepAlive(this);
    }

    /// <summary>Times the product again and again.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="seconds">For about how long.</param>
    /// <returns>Median and shortest time of one product, in seconds.</returns>
    public (double Median, double Best) Time(WorkerPool pool, double seconds)
    {
        // A quarter of the time to warm up, then batches of about a millisecond, so that the clock and the loop do not count and a
        // moment that another program took falls out of the median. The peers of bench/ measure themselves likewise.
        long start = Stopwatch.GetTimestamp(), last;
        do
        {
            last = Stopwatch.GetTimestamp();
            Compute(pool);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / 4);

        int batch = (int)Math.Clamp(1e-3 / Stopwatch.GetElapsedTime(last).TotalSeconds, 1, 100_000);
        var times = new List<double>();
        start = Stopwatch.GetTimestamp();
        do
        {
            long batchStart = Stopwatch.GetTimestamp();
            for (int i = 0; i < batch; i++)
            {
                Compute(pool);
            }

            times.Add(Stopwatch.GetElapsedTime(batchStart).TotalSeconds / batch);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);

        return (Median.Of(times), times.Min());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }

    private static void Fill(AlignedMemory memory, ulong seed)
    {
        var random = new SeededRandom(seed, RandomPurpose.Initialization);
        for (long i = 0; i < memory.Length; i++)
        {
            memory.Pointer[i] = random.Uniform((ulong)i) - 0.5f;
        }
    }
}
