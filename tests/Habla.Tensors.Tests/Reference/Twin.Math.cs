namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    private const float RoundingShift = 12582912f; // 1.5·2²³
    private const float Ln2High = 0.693145751953125f, Ln2Low = 1.42860677e-6f;

    public static float Exp(float x)
    {
        x = x < -104f ? -104f : x > 89f ? 89f : x;
        float shifted = Fma(x, 1.44269504f, RoundingShift);
        float p = ExpOfRemainder(x, shifted);
        int whole = BitConverter.SingleToInt32Bits(shifted) - BitConverter.SingleToInt32Bits(RoundingShift), half = whole >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    public static float ExpOfNegative(float x) => x < -87.33654f ? 0f : ExpOfModerate(x);

    public static float ExpOfModerate(float x)
    {
        float shifted = Fma(x, 1.44269504f, RoundingShift);
        int power = BitConverter.SingleToInt32Bits(shifted) << 23;
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(ExpOfRemainder(x, shifted)) + power);
    }

    public static float Log(float x)
    {
        if (float.IsNaN(x) || x < 0)
        {
            return float.NaN;
        }

        if (x == 0 || float.IsInfinity(x))
        {
            return x == 0 ? float.NegativeInfinity : x;
        }

        if (x < 1.17549435e-38f)
        {
            return Log(x * 16777216f) - (24 * 0.6931472f);
        }

        int bits = BitConverter.SingleToInt32Bits(x), n = (bits - BitConverter.SingleToInt32Bits(0.70710677f)) >> 23;
        float f = BitConverter.Int32BitsToSingle(bits - (n << 23)) - 1f;
        float p = Polynomial(
            f, 0.0674659759f, -0.116796523f, 0.118903235f, -0.124051355f, 0.142192245f, -0.166680068f, 0.200021341f, -0.250000089f,
            0.333333135f);
        float square = f * f, tail = Fma(p * f, square, -0.5f * square);
        return Fma(n, Ln2High, Fma(n, Ln2Low, tail) + f);
    }

    public static float Tanh(float x)
    {
        float magnitude = MathF.Abs(x), square = x * x;
        float p = Polynomial(square, -0.00570498733f, 0.020639088f, -0.0537397154f, 0.133314416f, -0.333332807f);
        float result = magnitude < 0.625f ? Fma(p * square, x, x) : 1f - (2f / (Exp(magnitude + magnitude) + 1f));
        return WithSignOf(result, x);
    }

    public static float Erf(float x)
    {
        float magnitude = MathF.Abs(x), t = magnitude > 3.95f ? 3.95f : magnitude;
        if (magnitude < 0.93f)
        {
            float p = Polynomial(
                x * x, -0.000595374207f, 0.00498594064f, -0.02676172f, 0.112816826f, -0.3761248f, 0.128379151f);
            return WithSignOf(Fma(p, x, x), x);
        }

        float q = Polynomial(
            t, 4.93813423e-6f, -4.55803238e-5f, -4.95906352e-5f, 0.00293016713f, -0.0226741526f, 0.105262712f, 0.635625243f,
            0.128551751f);
        return WithSignOf(1f - Exp(-Fma(q, t, t)), x);
    }

    /// <summary>x·Φ(x) and its derivative.</summary>
    public static (float Value, float Slope) Gelu(float x)
    {
        float phi = Fma(Erf(x * 0.70710678f), 0.5f, 0.5f), value = (x < -15f ? -15f : x) * phi;
        x = Held(x, 15f);
        return (value, Fma(x, Exp(x * x * -0.5f) * 0.39894228f, phi));
    }

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))) and its derivative.</summary>
    public static (float Value, float Slope) GeluTanh(float x)
    {
        const float root = 1.5957691f, cubic = 0.044715f;
        float held = Held(x, 10f), square = held * held;
        float s = x < -10f ? 0f : 1f / (1f + Exp(-(Fma(square, root * cubic, root) * held)));
        return ((x < -10f ? -10f : x) * s, Fma(held * s * (1f - s), Fma(square, 3f * root * cubic, root), s));
    }

    /// <summary>x/(1 + e^(−x)) and its derivative.</summary>
    public static (float Value, float Slope) Silu(float x)
    {
        float held = Held(x, 87f), s = x < -87f ? 0f : 1f / (1f + ExpOfModerate(-held));
        return ((x < -87f ? -87f : x) * s, Fma(held * s, 1f - s, s));
    }

    private static float ExpOfRemainder(float x, float shifted)
    {
        float n = shifted - RoundingShift, r = Fma(n, -Ln2Low, Fma(n, -Ln2High, x));
        float p = Polynomial(r, 0.00138144672f, 0.00836878084f, 0.0416683927f, 0.166665196f, 0.49999994f);
        return Fma(p, r * r, r) + 1f;
    }

    /// <summary>Horner's rule, the highest power first.</summary>
    private static float Polynomial(float x, params ReadOnlySpan<float> coefficients)
    {
        float p = coefficients[0];
        for (int i = 1; i < coefficients.Length; i++)
        {
            p = Fma(p, x, coefficients[i]);
        }

        return p;
    }

    private static float PowerOfTwo(int exponent) => BitConverter.Int32BitsToSingle((exponent + 127) << 23);

    private static float WithSignOf(float magnitude, float sign) => BitConverter.Int32BitsToSingle(
        BitConverter.SingleToInt32Bits(magnitude) | (BitConverter.SingleToInt32Bits(sign) & int.MinValue));

    private static float Held(float x, float limit) => x < -limit ? -limit : x > limit ? limit : x;
}
