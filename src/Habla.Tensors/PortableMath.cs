namespace Habla.Tensors;

/// <summary>
/// Float64 functions with the same bits on every machine, for tables and schedules. Those of <see cref="Math"/> come from the
/// platform's C library, which may round the last bit differently; these use only +, −, ×, ÷, which IEEE 754 fixes.
/// Accuracy is a few units in the last place, speed does not matter.
/// </summary>
public static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417232;

    /// <summary>eˣ for |x| up to 700.</summary>
    /// <param name="x">The exponent.</param>
    public static double Exp(double x)
    {
        double n = Math.Round(x / Ln2);
        double r = (x - (n * 0.693147180369123816490)) - (n * 1.90821492927058770002e-10);
        double term = 1, sum = 1;
        for (int i = 1; i <= 18; i++)
        {
            term *= r / i;
            sum += term;
        }

        return sum * BitConverter.Int64BitsToDouble((long)(n + 1023) << 52);
    }

    /// <summary>ln x for a positive normal number.</summary>
    /// <param name="x">Above 0.</param>
    public static double Log(double x)
    {
        if (!(x >= 2.2250738585072014e-308 && x <= double.MaxValue))
        {
            return double.NaN;
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        int n = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (m > 1.4142135623730951)
        {
            m /= 2;
            n++;
        }

        // ln m = 2·artanh(s) with s = (m − 1)/(m + 1), |s| ≤ 0.172: the series gains 1.5 digits a term.
        double s = (m - 1) / (m + 1), square = s * s, power = s, sum = 0;
        for (int odd = 1; odd <= 23; odd += 2)
        {
            sum += power / odd;
            power *= square;
        }

        return (n * Ln2) + (2 * sum);
    }

    /// <summary>cos x for |x| up to 10⁵ or so.</summary>
    /// <param name="x">An angle in radians.</param>
    public static double Cos(double x) => SinCos(x).Cos;

    /// <summary>sin x and cos x for |x| up to 10⁵ or so.</summary>
    /// <param name="x">An angle in radians.</param>
    public static (double Sin, double Cos) SinCos(double x)
    {
        double quarter = Math.Round(x / (Math.PI / 2));
        double r = (x - (quarter * 1.57079632673412561417)) - (quarter * 6.07710050650619224932e-11);
        double square = r * r;
        double sinTerm = r, cosTerm = 1, sin = r, cos = 1;
        for (int i = 1; i <= 10; i++)
        {
            cosTerm *= -square / ((2 * i - 1) * (2 * i));
            sinTerm *= -square / ((2 * i) * (2 * i + 1));
            cos += cosTerm;
            sin += sinTerm;
        }

        return ((long)quarter & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>bˣ for a positive base.</summary>
    /// <param name="value">The base, above 0.</param>
    /// <param name="exponent">Any exponent whose result is a normal number.</param>
    public static double Pow(double value, double exponent) => Exp(exponent * Log(value));
}
