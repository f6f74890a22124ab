using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>A function of one vector together with its derivative.</summary>
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope)
    {
        Vector512<float> half = Vector512.Create(0.5f);
        Vector512<float> phi = Vector512.FusedMultiplyAdd(VectorMath.Erf(x * Vector512.Create(0.70710678f)), half, half);
        y = GeluRange.FromBelow(x) * phi;
        x = GeluRange.Both(x);
        Vector512<float> density = VectorMath.Exp(x * x * Vector512.Create(-0.5f)) * Vector512.Create(0.39894228f);
        slope = Vector512.FusedMultiplyAdd(x, density, phi);
    }
}

/// <summary>
/// GELU by tanh, as GPT-2 has it: with u = √(2/π)(x + 0.044715x³) and t = tanh u, y = ½x(1 + t),
/// dy/dx = ½(1 + t) + ½x(1 − t²)·√(2/π)(1 + 0.134145x²).
/// </summary>
internal readonly struct TanhGelu : ISlopedFunction
{
    private const float RootTwoOverPi = 0.79788456f;
    private const float Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope)
    {
        Vector512<float> half = Vector512.Create(0.5f), root = Vector512.Create(RootTwoOverPi);
        Vector512<float> bounded = GeluRange.Both(x), square = bounded * bounded;
        Vector512<float> t = VectorMath.Tanh(
            Vector512.FusedMultiplyAdd(square, Vector512.Create(RootTwoOverPi * Cubic), root) * bounded);
        Vector512<float> halfX = GeluRange.FromBelow(x) * half;
        y = Vector512.FusedMultiplyAdd(halfX, t, halfX);

        Vector512<float> inner = Vector512.FusedMultiplyAdd(square, Vector512.Create(3f * RootTwoOverPi * Cubic), root);
        Vector512<float> sech = Vector512.FusedMultiplyAdd(-t, t, Vector512<float>.One);
        slope = Vector512.FusedMultiplyAdd(half * bounded * sech, inner, Vector512.FusedMultiplyAdd(half, t, half));
    }
}

/// <summary>
/// Where x is held before it is multiplied. Beyond ±15 Φ and tanh are 0 or ±1 and φ is 0 to the last bit, so no finite result
/// changes, but 0·∞ and the overflow of x³ do not become NaN. NaN stays itself: its comparisons are false.
/// </summary>
internal static class GeluRange
{
    private const float Limit = 15f;

    /// <summary>x, or −15 when it is below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FromBelow(Vector512<float> x)
    {
        Vector512<float> least = Vector512.Create(-Limit);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, least), least, x);
    }

    /// <summary>x, held between −15 and 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Both(Vector512<float> x)
    {
        Vector512<float> most = Vector512.Create(Limit);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, most), most, FromBelow(x));
    }
}
