using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>loss = ln Σ e^z − z_target of each row that counts.</summary>
internal unsafe struct CrossEntropyForward : IRowWork
{
    public float* Logits, Losses, LogSums;
    public int* Targets;
    public bool* Mask;
    public int Columns;

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
        }
    }
}

/// <summary>dz = (e^(z − logsum) − onehot)·scale of each row that counts, 0 of the others.</summary>
internal unsafe struct CrossEntropyBackward : IRowWork
{
    public float* Logits, Gradient, LogSums;
    public int* Targets;
    public bool* Mask;
    public int Columns;
    public float Scale;
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
            dz[Targets[row]] = target + ((probability - 1f) * Scale);
        }
    }

    private readonly void Softmax(float* z, float* dz, float logSum)
    {
        Vector512<float> shift = Vector512.Create(logSum), scale = Vector512.Create(Scale);
        int whole = Columns / Lanes.Count * Lanes.Count, rest = Columns - whole;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            Vector512<float> result = VectorMath.ExpOfNegative(Vector512.Load(z + j) - shift) * scale;
            (Accumulate ? Vector512.Load(dz + j) + result : result).Store(dz + j);
        }

        if (rest > 0)
        {
            Vector512<float> result = VectorMath.ExpOfNegative(Lanes.LoadPartial(z + whole, rest) - shift) * scale;
            Lanes.StorePartial(Accumulate ? Lanes.LoadPartial(dz + whole, rest) + result : result, dz + whole, rest);
        }
    }
}
