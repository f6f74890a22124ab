using Habla.Tensors.Tests.Kernels;

namespace Habla.Tensors.Tests;

public class LogitMathTests
{
    [Fact]
    public void Exponentials_are_those_of_float64_at_every_length()
    {
        var fuzz = new Fuzz(5);
        foreach (int length in Fuzz.Sizes)
        {
            foreach (double divisor in (double[])[1, 0.3, 7])
            {
                float[] x = fuzz.Values(length, 40);
                float max = length == 0 ? 0 : x.Max();
                double[] result = new double[length];
                double sum = LogitMath.Exponentials(x, max, divisor, result);
                for (int i = 0; i < length; i++)
                {
                    double expected = Math.Exp((x[i] - (double)max) / divisor);
                    Assert.InRange(result[i], expected * (1 - 1e-15), expected * (1 + 1e-15));
                }

                Assert.InRange(sum, result.Sum() * (1 - 1e-14), result.Sum() * (1 + 1e-14));
            }
        }
    }

    [Fact]
    public void The_largest_weighs_exactly_one_and_the_impossible_nothing()
    {
        double[] result = new double[3];
        foreach (double divisor in (double[])[1e-300, 1e-6, 1, 1e300])
        {
            LogitMath.Exponentials([3f, float.NegativeInfinity, 3f], 3, divisor, result);
            Assert.Equal([1, 0, 1], result);
        }

        LogitMath.Exponentials([0, -708f, -709f], 0, 1, result);
        Assert.Equal([1, Math.Exp(-708), 0], result, (a, b) => Math.Abs(a - b) <= 1e-15 * b);
        Assert.Throws<ArgumentException>(() => LogitMath.Exponentials([1f], 1, 1, new double[2]));
    }

    [Fact]
    public void The_sum_of_exponentials_has_a_logarithm_even_where_it_would_overflow()
    {
        Assert.Equal(1000 + Math.Log(1 + Math.Exp(-1)), LogitMath.LogSumExp([1000, 999, 0, -1000]), 1e-12);
        Assert.Equal(-7, LogitMath.LogSumExp([-7f]), 0.0);
        Assert.Equal(Math.Log(50_257), LogitMath.LogSumExp(new float[50_257]), 1e-12);
    }

    [Fact]
    public void The_largest_is_found_at_every_place_and_so_is_a_number_that_is_none()
    {
        for (int length = 1; length <= 70; length++)
        {
            for (int at = 0; at < length; at++)
            {
                float[] x = [.. Enumerable.Repeat(float.NegativeInfinity, length)];
                Assert.Equal(float.NegativeInfinity, LogitMath.Max(x));
                x[at] = -3;
                Assert.Equal(-3, LogitMath.Max(x));
                x[at] = float.NaN;
                Assert.True(float.IsNaN(LogitMath.Max(x)), $"NaN at {at} of {length}");
            }
        }

        Assert.Equal(float.NegativeInfinity, LogitMath.Max([]));
        Assert.Equal(float.PositiveInfinity, LogitMath.Max([1, float.PositiveInfinity]));
    }
}
