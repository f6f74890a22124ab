using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>Exponentials of a row and their sum, with the row's maximum subtracted.</summary>
internal static unsafe class SoftmaxKernels
{
    /// <summary>The largest of a row; NaN when one is NaN.</summary>
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

    /// <summary>y = e^(x − shift). In place is allowed.</summary>
    public static void Exp(float* x, float* y, int count, float shift)
    {
        Vector512<float> shifts = Vector512.Create(shift);
        int whole = count / Lanes.Count * Lanes.Count;
        for (int j = 0; j < whole; j += Lanes.Count)
        {
            VectorMath.ExpOfNegative(Vector512.Load(x + j) - shifts).Store(y + j);
        }

        if (whole < count)
        {
            int rest = count - whole;
            Lanes.StorePartial(VectorMath.ExpOfNegative(Lanes.LoadPartial(x + whole, rest) - shifts), y + whole, rest);
        }
    }
}
