using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// exp, log, tanh and erf on 16 lanes of float32. They are our own because a library's may differ in the last bit from one
/// processor to another; these are chains of additions, multiplications and fused multiply-adds, which IEEE 754 fixes.
/// </summary>
/// <remarks>
/// The polynomials are minimax fits (Remez exchange in 40 digits, weighted for relative error of the whole function; see
/// docs/derivations/vector-math.md), then rounded to float32. The stated errors are the largest of all float32 numbers in the range,
/// rounded up, in units in the last place of the float32 nearest to the exact value.
/// The exponential without care for overflow and denormal results made attention and GELU faster; <see cref="AttentionSoftmax"/> and
/// <see cref="TanhGelu"/> have the figures.
/// </remarks>
internal static class VectorMath
{
    // Adding 1.5·2²³ to a float of moderate size rounds it to a whole number, which then stands in the low bits of the sum.
    private const float RoundingShift = 12582912f;
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693145751953125f;
    private const float Ln2Low = 1.42860677e-6f;

    // ln 2⁻¹²⁶: below it eˣ is denormal.
    private const float LeastNormalLog = -87.33654f;

    /// <summary>
    /// eˣ: reduced to 2ⁿ·eʳ with |r| ≤ ln 2 / 2. Denormal results are kept, overflow gives infinity. Within 1.02 ulp for every x.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Outside these the result is 0 or infinity; comparisons are false for NaN, which so stays itself.
        Vector512<float> tooLow = Vector512.LessThan(x, Vector512.Create(-104f));
        Vector512<float> tooHigh = Vector512.GreaterThan(x, Vector512.Create(89f));
        x = Vector512.ConditionalSelect(tooLow, Vector512.Create(-104f), x);
        x = Vector512.ConditionalSelect(tooHigh, Vector512.Create(89f), x);

        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(RoundingShift));
        Vector512<float> n = shifted - Vector512.Create(RoundingShift);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);

        Vector512<float> p = ExpOfRemainder(r);

        // 2ⁿ as 2ᵃ·2ᵇ with a = ⌊n/2⌋: each factor is a normal number even where the product is denormal or infinite.
        Vector512<int> whole = shifted.AsInt32() - Vector512.Create(RoundingShift).AsInt32();
        Vector512<int> half = Vector512.ShiftRightArithmetic(whole, 1);
        return p * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>
    /// eˣ for x ≤ 0, such as a score less the largest: with no care for overflow and denormal results, which become 0, it takes 15
    /// instructions instead of 24. Within 1.02 ulp for x from ln 2⁻¹²⁶ = −87.33654 to 0. NaN stays NaN, as arithmetic makes it: with
    /// zeros in its lowest nine bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpOfNegative(Vector512<float> x) => Vector512.ConditionalSelect(
        Vector512.LessThan(x, Vector512.Create(LeastNormalLog)), Vector512<float>.Zero, ExpOfModerate(x));

    /// <summary>eˣ where |x| ≤ 87.33654, so that the result is a normal number. Within 1.02 ulp; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpOfModerate(Vector512<float> x)
    {
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(RoundingShift));
        Vector512<float> n = shifted - Vector512.Create(RoundingShift);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = ExpOfRemainder(r);

        // The whole number n stands in the low bits of the shifted sum: from there it goes straight into the exponent of p.
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }

    /// <summary>eˣ of one number, with the bits of the vector form.</summary>
    public static float Exp(float x) => Exp(Vector512.Create(x))[0];

    /// <summary>
    /// ln x: ln(2ⁿ·m) = n·ln 2 + ln m with m in [√½, √2). Within 0.82 ulp for every normal x, 1.01 ulp for denormal ones; −∞ for zeros,
    /// NaN below.
    /// </summary>
    public static float Log(float x)
    {
        if (!(x >= 1.17549435e-38f && x <= float.MaxValue))
        {
            return x == 0 ? float.NegativeInfinity : x > 0 && !float.IsInfinity(x) ? Log(x * 16777216f) - (24 * 0.6931472f) :
                float.IsPositiveInfinity(x) ? x : float.NaN;
        }

        int bits = BitConverter.SingleToInt32Bits(x);
        int n = (bits - 0x3F3504F3) >> 23;
        float f = BitConverter.Int32BitsToSingle(bits - (n << 23)) - 1f;

        float p = 0.0674659759f;
        p = MathF.FusedMultiplyAdd(p, f, -0.116796523f);
        p = MathF.FusedMultiplyAdd(p, f, 0.118903235f);
        p = MathF.FusedMultiplyAdd(p, f, -0.124051355f);
        p = MathF.FusedMultiplyAdd(p, f, 0.142192245f);
        p = MathF.FusedMultiplyAdd(p, f, -0.166680068f);
        p = MathF.FusedMultiplyAdd(p, f, 0.200021341f);
        p = MathF.FusedMultiplyAdd(p, f, -0.250000089f);
        p = MathF.FusedMultiplyAdd(p, f, 0.333333135f);

        // ln 2 in two parts again: n·Ln2High is exact, so cancellation against ln m costs nothing.
        float square = f * f;
        float tail = MathF.FusedMultiplyAdd(p * f, square, -0.5f * square);
        tail = MathF.FusedMultiplyAdd(n, Ln2Low, tail);
        return MathF.FusedMultiplyAdd(n, Ln2High, tail + f);
    }

    /// <summary>
    /// tanh x: an odd polynomial near 0, 1 − 2 / (e²ˣ + 1) beyond. Within 1.34 ulp for every x. No operation takes it, since GELU by tanh
    /// needs none (<see cref="TanhGelu"/>); it completes the set.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        Vector512<float> magnitude = Vector512.Abs(x);
        Vector512<float> square = x * x;
        Vector512<float> p = Vector512.Create(-0.00570498733f);
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(0.020639088f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(-0.0537397154f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(0.133314416f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(-0.333332807f));
        Vector512<float> near = Vector512.FusedMultiplyAdd(p * square, x, x);

        Vector512<float> far = Vector512<float>.One
            - (Vector512.Create(2f) / (Exp(magnitude + magnitude) + Vector512<float>.One));
        return WithSignOf(Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(0.625f)), near, far), x);
    }

    /// <summary>erf x: an odd polynomial below 0.93, 1 − e^(−q(x)) with a polynomial q beyond. Within 1.27 ulp for every x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        Vector512<float> magnitude = Vector512.Abs(x);
        Vector512<float> square = x * x;
        Vector512<float> p = Vector512.Create(-0.000595374207f);
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(0.00498594064f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(-0.02676172f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(0.112816826f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(-0.3761248f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(0.128379151f));
        Vector512<float> near = Vector512.FusedMultiplyAdd(p, x, x);

        // Beyond 3.95, erf is 1 to the last bit, and the polynomial was not fitted there.
        Vector512<float> limit = Vector512.Create(3.95f);
        Vector512<float> t = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, limit), limit, magnitude);
        Vector512<float> q = Vector512.Create(4.93813423e-6f);
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(-4.55803238e-5f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(-4.95906352e-5f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(0.00293016713f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(-0.0226741526f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(0.105262712f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(0.635625243f));
        q = Vector512.FusedMultiplyAdd(q, t, Vector512.Create(0.128551751f));
        Vector512<float> far = Vector512<float>.One - Exp(-Vector512.FusedMultiplyAdd(q, t, t));
        return WithSignOf(Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(0.93f)), near, far), x);
    }

    /// <summary>eʳ for |r| ≤ ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ExpOfRemainder(Vector512<float> r)
    {
        Vector512<float> p = Vector512.Create(0.00138144672f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.00836878084f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.0416683927f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.166665196f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.49999994f));
        return Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> exponent) =>
        Vector512.ShiftLeft(exponent + Vector512.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WithSignOf(Vector512<float> magnitude, Vector512<float> sign) =>
        magnitude | (sign & Vector512.Create(-0f));
}
