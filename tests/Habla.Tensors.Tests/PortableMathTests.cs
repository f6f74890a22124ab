namespace Habla.Tensors.Tests;

/// <summary>The float64 functions that do not come from the platform's C library, against those that do.</summary>
public class PortableMathTests
{
    [Fact]
    public void Exp_is_within_a_few_ulps() =>
        AssertWithin(4, PortableMath.Exp, Math.Exp, Grid(-700, 700, 100_000).Concat(Grid(-1, 1, 100_000)));

    [Fact]
    public void Log_is_within_a_few_ulps() =>
        AssertWithin(
            4, PortableMath.Log, Math.Log, Grid(-700, 700, 100_000).Select(Math.Exp).Concat(Grid(0.3, 3, 100_000)));

    [Fact]
    public void Sine_and_cosine_are_close_up_to_many_turns()
    {
        foreach (double x in Grid(-1e5, 1e5, 100_000).Concat(Grid(-7, 7, 100_000)))
        {
            (double sin, double cos) = PortableMath.SinCos(x);
            double allowed = 2e-15 + (Math.Abs(x) * 1e-20);
            Assert.True(Math.Abs(sin - Math.Sin(x)) <= allowed, FormattableString.Invariant($"sin({x:R}) = {sin:R}"));
            Assert.True(Math.Abs(cos - Math.Cos(x)) <= allowed, FormattableString.Invariant($"cos({x:R}) = {cos:R}"));
            Assert.Equal(cos, PortableMath.Cos(x));
        }
    }

    [Fact]
    public void Powers_agree()
    {
        foreach (double exponent in Grid(-2, 2, 1_001))
        {
            Assert.Equal(1, PortableMath.Pow(10_000, exponent) / Math.Pow(10_000, exponent), 1e-14);
        }
    }

    [Fact]
    public void Landmarks_are_exact()
    {
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(1, PortableMath.Cos(0));
        Assert.Equal(-1, PortableMath.Cos(Math.PI));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(4.9e-324)]
    public void A_logarithm_outside_the_range_is_not_a_number(double x) => Assert.True(double.IsNaN(PortableMath.Log(x)));

    private static void AssertWithin(double ulps, Func<double, double> function, Func<double, double> exact, IEnumerable<double> inputs)
    {
        foreach (double x in inputs)
        {
            double expected = exact(x), unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
            double error = Math.Abs(function(x) - expected) / unit;
            Assert.True(error <= ulps, FormattableString.Invariant($"at {x:R}: off by {error} ulp"));
        }
    }

    private static IEnumerable<double> Grid(double from, double to, int count) =>
        Enumerable.Range(0, count).Select(i => from + ((to - from) * i / (count - 1)));
}
