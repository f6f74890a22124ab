using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// loss = ln Σ e^z − z_target of each row that counts; with smoothing ε, (1 − ε) times that and ε times its mean over all targets.
/// </summary>
/// <remarks>
/// A row is read twice, for its maximum and for its sum. No probability is kept, since all of them would take as much room as the
/// logits: the way back computes them again from the logits and the one logarithm a row, with the exponential of 15 instructions instead
/// of 24 (<see cref="VectorMath.ExpOfNegative"/>).
/// </remarks>
internal unsafe struct CrossEntropyForward : IRowWork
{
    public float* Logits, Losses, LogSums;
    public int* Targets;
    public bool* Mask;
    public int Columns;
    public float Smoothing;

    public readonly void Run(int from, int to)
    {
        for (int row = from; row < to; row++)
        {
            if (Mask is not null && !Mask[row])
            {
                (Losses[row], LogSums[row]) = (0, 0);
                continue;
            }

            float* z = Logits + ((long)row * Columns);
            float max = SoftmaxKernels.Max(z, Columns);
            LogSums[row] = max + VectorMath.Log(SoftmaxKernels.SumExp(z, Columns, max));
            Losses[row] = LogSums[row] - z[Targets[row]];
            if (Smoothing > 0)
            {
                float mean = -SoftmaxKernels.SumOfDifferences(z, Columns, LogSums[row]) / Columns;
                Losses[row] = ((1f - Smoothing) * Losses[row]) + (Smoothing * mean);
            }
        }
    }
}

/// <summary>
/// dz = (e^(z − logsum) − y)·scale of each row that counts, 0 of the others; y is 1 at the target, or with smoothing ε it is ε/V
/// everywhere and 1 − ε more at the target.
/// </summary>
internal unsafe struct CrossEntropyBackward : IRowWork
{
    public float* Logits, Gradient, LogSums;
    public int* Targets;
    public bool* Mask;
    public int Columns;
    public float Scale, Smoothing;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        for (int row = from; row < to; row++)
        {
            float* dz = Gradient + ((long)row * Columns);
            if (Mask is not null && !Mask[row])
            {
                if (!Accumulate)
                {
                    new Span<float>(dz, Columns).Clear();
                }

                continue;
            }

            float target = Accumulate ? dz[Targets[row]] : 0;
            float* z = Logits + ((long)row * Columns);
            Softmax(z, dz, LogSums[row]);
            float probability = VectorMath.Exp(z[Targets[row]] - LogSums[row]);
            dz[Targets[row]] = target + ((probability - (1f - Smoothing + (Smoothing / Columns))) * Scale);
        }
    }

    private readonly void Softmax(float* z, float* dz, float logSum)
    {
        Vector512<float> shift = Vector512.Create(logSum), scale = Vector512.Create(Scale);
        Vector512<float> wanted = Vector512.Create(Smoothing / Columns); // 0 without smoothing, and x − 0 has the bits of x
        int whole = Columns / Lanes.Count * Lanes.Count, rest = Columns - whole;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            Vector512<float> result = (VectorMath.ExpOfNegative(Vector512.Load(z + j) - shift) - wanted) * scale;
            (Accumulate ? Vector512.Load(dz + j) + result : result).Store(dz + j);
        }

        if (rest > 0)
        {
            Vector512<float> result = (VectorMath.ExpOfNegative(Lanes.LoadPartial(z + whole, rest) - shift) - wanted) * scale;
            Lanes.StorePartial(Accumulate ? Lanes.LoadPartial(dz + whole, rest) + result : result, dz + whole, rest);
        }
    }
}
