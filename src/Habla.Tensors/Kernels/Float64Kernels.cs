using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Exponentials of float32 numbers in float64, on 8 lanes, for probabilities that have to be exact: a float32 sum over a vocabulary of
/// 50,000 has four good digits left. Like <see cref="VectorMath"/> they are additions, multiplications and fused multiply-adds, so
/// the bits are the same on every processor.
/// </summary>
internal static unsafe class Float64Kernels
{
    private const int Count = 8;
    private const double RoundingShift = 6755399441055744; // 1.5·2⁵²: adding it rounds to a whole number, which stands in the low bits
    private const double Log2E = 1.4426950408889634;
    private const double Ln2High = 0.69314718036912382;
    private const double Ln2Low = 1.9082149292705877e-10;

    // Below ln 2⁻¹⁰²² eˣ is denormal; as a share of a sum of at least 1 it is nothing.
    private const double LeastNormalLog = -708.39;

    /// <summary>result[i] = e^((x[i] − shift) / divisor), 0 below e^−708.39.</summary>
    /// <param name="x">None above <paramref name="shift"/>; −∞ gives 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="shift">A finite number.</param>
    /// <param name="divisor">Above 0.</param>
    /// <param name="result">As many numbers; null to sum alone.</param>
    /// <returns>Their sum: eight lanes, each from left to right, then pairwise.</returns>
    public static double Exponentials(float* x, int count, float shift, double divisor, double* result)
    {
        Vector512<double> sum = default, shifts = Vector512.Create((double)shift), divisors = Vector512.Create(divisor);
        int whole = count / Count * Count;
        for (int i = 0; i < whole; i += Count)
        {
            Vector512<double> power = ExpOfNegative((Widen(Vector256.Load(x + i)) - shifts) / divisors);
            sum += power;
            if (result != null)
            {
                power.Store(result + i);
            }
        }

        if (whole < count)
        {
            Vector256<float> rest = Vector256.Create(float.NegativeInfinity);
            Unsafe.CopyBlockUnaligned(&rest, x + whole, (uint)(count - whole) * sizeof(float));
            Vector512<double> power = ExpOfNegative((Widen(rest) - shifts) / divisors);
            sum += power;
            if (result != null)
            {
                Unsafe.CopyBlockUnaligned(result + whole, &power, (uint)(count - whole) * sizeof(double));
            }
        }

        Vector256<double> four = sum.GetLower() + sum.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }

    /// <summary>The largest of a row, which may be −∞; NaN when one is NaN.</summary>
    public static float Max(float* x, int count)
    {
        float max = count == 0 ? float.NegativeInfinity : SoftmaxKernels.Max(x, count);
        Vector512<float> same = Vector512<float>.AllBitsSet;
        int whole = count / Lanes.Count * Lanes.Count;
        for (int i = 0; i < whole; i += Lanes.Count)
        {
            Vector512<float> some = Vector512.Load(x + i);
            same &= Vector512.Equals(some, some); // a NaN alone is not equal to itself
        }

        bool isNumber = Vector512.EqualsAll(same.AsInt32(), Vector512<int>.AllBitsSet);
        for (int i = whole; i < count; i++)
        {
            isNumber &= !float.IsNaN(x[i]);
        }

        return isNumber ? max : float.NaN;
    }

    /// <summary>
    /// eˣ for x ≤ 0 within 2 ulp: 2ⁿ·eʳ with |r| ≤ ln 2 / 2 and eʳ by its series, whose first term left out is below 10⁻¹⁷.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> ExpOfNegative(Vector512<double> x)
    {
        Vector512<double> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(RoundingShift));
        Vector512<double> n = shifted - Vector512.Create(RoundingShift);
        Vector512<double> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);

        Vector512<double> p = Vector512.Create(1.0 / 6227020800);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 479001600));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 39916800));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 3628800));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 362880));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 40320));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 5040));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<double>.One;

        Vector512<double> power = (p.AsInt64() + Vector512.ShiftLeft(shifted.AsInt64(), 52)).AsDouble();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(LeastNormalLog)), Vector512<double>.Zero, power);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(Vector256<float> x)
    {
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(x);
        return Vector512.Create(lower, upper);
    }
}
