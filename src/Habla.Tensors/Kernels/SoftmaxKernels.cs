using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Sums over a long row, such as one of logits: of exponentials, with the row's maximum subtracted so that none overflows, and of
/// differences. <see cref="AttentionSoftmax"/> has the softmax of short rows.
/// </summary>
internal static unsafe class SoftmaxKernels
{
    /// <summary>The largest of a row. When one is NaN it may be another: the next operation has to meet the NaN itself.</summary>
    public static float Max(float* x, int count)
    {
        Vector512<float> max = Vector512.Create(float.NegativeInfinity);
        int whole = count / Lanes.Count * Lanes.Count;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            max = Vector512.MaxNative(max, Vector512.Load(x + j));
        }

        if (whole < count)
        {
            Vector512<float> rest = Vector512.Create(float.NegativeInfinity);
            Unsafe.CopyBlockUnaligned(&rest, x + whole, (uint)(count - whole) * sizeof(float));
            max = Vector512.MaxNative(max, rest);
        }

        return Lanes.Max(max);
    }

    /// <summary>Σ (x − shift).</summary>
    public static float SumOfDifferences(float* x, int count, float shift)
    {
        Vector512<float> sum = default, shifts = Vector512.Create(shift);
        int whole = count / Lanes.Count * Lanes.Count;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            sum += Vector512.Load(x + j) - shifts;
        }

        if (whole < count)
        {
            sum += Lanes.First(Lanes.LoadPartial(x + whole, count - whole) - shifts, count - whole);
        }

        return Lanes.Sum(sum);
    }

    /// <summary>Σ e^(x − shift), without storing the exponentials.</summary>
    public static float SumExp(float* x, int count, float shift)
    {
        Vector512<float> sum = default, shifts = Vector512.Create(shift);
        int whole = count / Lanes.Count * Lanes.Count;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            sum += VectorMath.ExpOfNegative(Vector512.Load(x + j) - shifts);
        }

        if (whole < count)
        {
            Vector512<float> rest = Vector512.Create(float.NegativeInfinity);
            Unsafe.CopyBlockUnaligned(&rest, x + whole, (uint)(count - whole) * sizeof(float));
            sum += VectorMath.ExpOfNegative(rest - shifts);
        }

        return Lanes.Sum(sum);
    }
}
