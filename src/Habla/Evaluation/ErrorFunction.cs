namespace Habla.Evaluation;

/// <summary>
/// The error function in float64, from its definition: a series near zero, a continued fraction far from it. Slow and close
/// to the last digit; the yardstick for the engine's fast polynomial.
/// </summary>
/// <remarks>Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.6 and 7.1.14.</remarks>
public static class ErrorFunction
{
    /// <summary>Up to here the series needs some 25 terms and 1 − erf loses less than a digit; beyond, the fraction is used.</summary>
    private const double Border = 1.0;

    /// <summary>Cuts the fraction off with an error of about e^(−2x·√(2·depth)): below 1e-19 at the border.</summary>
    private const int FractionDepth = 250;

    /// <summary>erf(x) = 2/√π · ∫₀ˣ e^(−t²) dt: the odd function that rises from −1 to 1.</summary>
    /// <param name="x">Any number; infinities give ±1, NaN gives NaN.</param>
    public static double Erf(double x) => Math.Abs(x) < Border ? Series(x) : Math.CopySign(1 - Fraction(Math.Abs(x)), x);

    /// <summary>erfc(x) = 1 − erf(x), without the cancellation: for large x it is tiny and still right to the last digits.</summary>
    /// <param name="x">Any number; infinities give 0 and 2, NaN gives NaN.</param>
    public static double Erfc(double x) => x < Border ? 1 - Erf(x) : Fraction(x);

    /// <summary>erf(x) = 2x/√π · e^(−x²) · (1 + 2x²/3 + (2x²)²/(3·5) + …): all terms positive, so nothing cancels.</summary>
    private static double Series(double x)
    {
        double term = 1, sum = 1;
        for (int n = 1; term > sum * 1e-18; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * x * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc(x) = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + (3/2)/(x + …)))) for x of at least <see cref="Border"/>, or NaN.</summary>
    private static double Fraction(double x)
    {
        double denominator = x;
        for (int k = FractionDepth; k >= 1; k--)
        {
            denominator = x + (k / 2.0 / denominator);
        }

        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * denominator);
    }
}
