using Habla.Evaluation;

namespace Habla.Tests.Evaluation;

public class ErrorFunctionTests
{
    /// <summary>Values computed with 30 digits (mpmath) and rounded to float64.</summary>
    [Theory]
    [InlineData(0.0, 0.0, 1.0)]
    [InlineData(0.1, 0.1124629160182849, 0.887537083981715)]
    [InlineData(0.5, 0.5204998778130465, 0.4795001221869535)]
    [InlineData(0.9999, 0.8426592780487595, 0.15734072195124052)]
    [InlineData(1.0, 0.8427007929497149, 0.15729920705028513)]
    [InlineData(1.5, 0.9661051464753108, 0.033894853524689274)]
    [InlineData(1.9999, 0.9953201979070294, 0.004679802092970608)]
    [InlineData(2.0, 0.9953222650189527, 0.004677734981047266)]
    [InlineData(2.5, 0.999593047982555, 0.0004069520174449589)]
    [InlineData(3.0, 0.9999779095030014, 2.209049699858544e-05)]
    [InlineData(5.0, 0.9999999999984626, 1.537459794428035e-12)]
    [InlineData(10.0, 1.0, 2.088487583762545e-45)]
    [InlineData(26.0, 1.0, 5.663192408856143e-296)]
    [InlineData(double.PositiveInfinity, 1.0, 0.0)]
    public void Agrees_with_values_of_many_digits(double x, double erf, double erfc)
    {
        Assert.InRange(ErrorFunction.Erf(x) - erf, -1e-15, 1e-15);
        Assert.InRange(ErrorFunction.Erf(-x) + erf, -1e-15, 1e-15);
        Assert.InRange(ErrorFunction.Erfc(x) - erfc, -3e-14 * erfc, 3e-14 * erfc);
        Assert.InRange(ErrorFunction.Erfc(-x) - (1 + erf), -1e-15, 1e-15);
    }

    [Fact]
    public void Keeps_small_numbers_and_not_a_number()
    {
        Assert.Equal(1.1283791670955126e-10, ErrorFunction.Erf(1e-10), 1e-25);
        Assert.True(double.IsNaN(ErrorFunction.Erf(double.NaN)));
        Assert.True(double.IsNaN(ErrorFunction.Erfc(double.NaN)));
    }
}
