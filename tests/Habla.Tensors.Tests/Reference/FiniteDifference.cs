namespace Habla.Tensors.Tests.Reference;

/// <summary>Derivatives from nothing but function values: the judge that knows no calculus and so shares no mistake.</summary>
public static class FiniteDifference
{
    /// <summary>
    /// The cube root of float64's precision, where the truncation error (h²) and the rounding error (ε/h) of a central
    /// difference are of the same size: some 1e-10 each for values near one.
    /// </summary>
    private const double RelativeStep = 6e-6;

    /// <summary>∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for every i.</summary>
    /// <param name="function">A smooth function of the numbers, which it must not keep or change.</param>
    /// <param name="x">Where; the same again afterwards.</param>
    public static double[] Gradient(Func<double[], double> function, double[] x)
    {
        double[] gradient = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double center = x[i], step = RelativeStep * Math.Max(1, Math.Abs(center));
            x[i] = center + step;
            double above = function(x), upper = x[i];
            x[i] = center - step;
            double below = function(x), lower = x[i];
            x[i] = center;
            gradient[i] = (above - below) / (upper - lower); // the step that was really made, after rounding
        }

        return gradient;
    }
}
