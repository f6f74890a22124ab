using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// A function of one vector together with its derivative: they share their exponential, so both are computed on the way forward.
/// </summary>
internal interface ISlopedFunction
{
    /// <summary>y = f(x), dy/dx = f′(x).</summary>
    static abstract void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope);
}

/// <summary>
/// GELU by the error function: y = x·Φ(x), dy/dx = Φ(x) + x·φ(x) with Φ(x) = ½(1 + erf(x/√2)) and φ(x) = e^(−x²/2)/√(2π).
/// </summary>
internal readonly struct ExactGelu : ISlopedFunction
{
    // Beyond it Φ is 0 or 1 and φ is 0 to the last bit.
    private const float Limit = 15f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope)
    {
        Vector512<float> half = Vector512.Create(0.5f);
        Vector512<float> phi = Vector512.FusedMultiplyAdd(VectorMath.Erf(x * Vector512.Create(0.70710678f)), half, half);
        y = GeluRange.FromBelow(x, Limit) * phi;
        x = GeluRange.Both(x, Limit);
        Vector512<float> density = VectorMath.Exp(x * x * Vector512.Create(-0.5f)) * Vector512.Create(0.39894228f);
        slope = Vector512.FusedMultiplyAdd(x, density, phi);
    }
}

/// <summary>
/// GELU by tanh, as GPT-2 has it: y = ½x(1 + tanh u) with u = √(2/π)(x + 0.044715x³). Computed as y = x·s with s = 1/(1 + e^(−2u)),
/// which is the same and needs no tanh; dy/dx = s + 2x·s(1 − s)·√(2/π)(1 + 0.134145x²).
/// </summary>
/// <remarks>With x held between −10 and 10 the exponential needs no care for overflow, which made it a quarter faster.</remarks>
internal readonly struct TanhGelu : ISlopedFunction
{
    // Beyond it s is 1, or less than 2⁻¹²⁵ and taken as 0; up to there 2u stays within ±87.32, where the exponential is simplest.
    private const float Limit = 10f;
    private const float TwoRootTwoOverPi = 1.5957691f;
    private const float Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope)
    {
        Vector512<float> one = Vector512<float>.One, root = Vector512.Create(TwoRootTwoOverPi);
        Vector512<float> bounded = GeluRange.Both(x, Limit), square = bounded * bounded;
        Vector512<float> twoU = Vector512.FusedMultiplyAdd(square, Vector512.Create(TwoRootTwoOverPi * Cubic), root) * bounded;
        Vector512<float> s = one / (one + VectorMath.ExpOfModerate(-twoU));
        s = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-Limit)), Vector512<float>.Zero, s);
        y = GeluRange.FromBelow(x, Limit) * s;

        Vector512<float> inner = Vector512.FusedMultiplyAdd(square, Vector512.Create(3f * TwoRootTwoOverPi * Cubic), root);
        slope = Vector512.FusedMultiplyAdd(bounded * s * (one - s), inner, s);
    }
}

/// <summary>
/// Where x is held before it is multiplied: far enough from 0 that no result changes, near enough that 0·∞ and the overflow of x³
/// do not become NaN. NaN stays itself: its comparisons are false.
/// </summary>
internal static class GeluRange
{
    /// <summary>x, or −limit when it is below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FromBelow(Vector512<float> x, float limit)
    {
        Vector512<float> least = Vector512.Create(-limit);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, least), least, x);
    }

    /// <summary>x, held between −limit and limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Both(Vector512<float> x, float limit)
    {
        Vector512<float> most = Vector512.Create(limit);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, most), most, FromBelow(x, limit));
    }
}
