using Habla.Evaluation;

namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    private static readonly double TanhScale = Math.Sqrt(2 / Math.PI);

    /// <summary>x·Φ(x), Φ the normal distribution function.</summary>
    public static double[] Gelu(double[] x) => [.. x.Select(value => 0.5 * value * ErrorFunction.Erfc(-value / Math.Sqrt(2)))];

    /// <summary>dx = dy · (Φ(x) + x·φ(x)), φ the normal density.</summary>
    public static double[] GeluBackward(double[] dy, double[] x) =>
    [
        .. x.Zip(dy, (value, d) => d * ((0.5 * ErrorFunction.Erfc(-value / Math.Sqrt(2)))
            + (value * Math.Exp(-value * value / 2) / Math.Sqrt(2 * Math.PI)))),
    ];

    /// <summary>½x·(1 + tanh(√(2/π)·(x + 0.044715 x³))).</summary>
    public static double[] GeluTanh(double[] x) => [.. x.Select(value => 0.5 * value * (1 + Math.Tanh(Inner(value))))];

    /// <summary>With u the argument of tanh: dx = dy · (½(1 + tanh u) + ½x·(1 − tanh² u)·u′).</summary>
    public static double[] GeluTanhBackward(double[] dy, double[] x) =>
    [
        .. x.Zip(dy, (value, d) =>
        {
            double tanh = Math.Tanh(Inner(value)), slope = TanhScale * (1 + (3 * 0.044715 * value * value));
            return d * ((0.5 * (1 + tanh)) + (0.5 * value * (1 - (tanh * tanh)) * slope));
        }),
    ];

    private static double Inner(double x) => TanhScale * (x + (0.044715 * x * x * x));
}
