using System.Runtime.Intrinsics;
using Habla.Evaluation;
using Habla.Tensors.Kernels;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// exp, log, tanh and erf against float64 on dense samples. The bounds are the worst that was measured (0.99, 0.81, 1.26 and
/// 1.15 ulp), rounded up.
/// </summary>
public class VectorMathTests
{
    private const double ExpUlps = 1, LogUlps = 0.9, TanhUlps = 1.4, ErfUlps = 1.3;

    [Fact]
    public void Exp_is_within_its_bound_wherever_the_result_is_normal()
    {
        // The smallest normal result is e^−87.34; below it one unit in the last place is that of the denormals.
        AssertWithin(ExpUlps, VectorMath.Exp, Math.Exp, Grid(-104, 89, 2_000_000));
        AssertWithin(ExpUlps, VectorMath.Exp, Math.Exp, AllMagnitudes(1e-38f, 80f).Concat(AllMagnitudes(1e-38f, 80f).Select(x => -x)));
    }

    [Fact]
    public void Tanh_is_within_its_bound() =>
        AssertWithin(TanhUlps, VectorMath.Tanh, Math.Tanh, Symmetric(Grid(0, 12, 1_000_000).Concat(AllMagnitudes(1e-38f, 1e30f))));

    [Fact]
    public void Erf_is_within_its_bound() =>
        AssertWithin(ErfUlps, VectorMath.Erf, ErrorFunction.Erf, Symmetric(Grid(0, 6, 100_000).Concat(AllMagnitudes(1e-37f, 1e30f))));

    [Fact]
    public void Log_is_within_its_bound_at_every_magnitude_and_around_one()
    {
        double worst = 0;
        float at = 0;
        foreach (float x in AllMagnitudes(1.17549435e-38f, float.MaxValue).Concat(Grid(0.5f, 2f, 1_000_000)))
        {
            double error = Ulps(Math.Log(x), VectorMath.Log(x));
            (worst, at) = error > worst ? (error, x) : (worst, at);
        }

        Assert.True(worst <= LogUlps, FormattableString.Invariant($"log({at:R}) is off by {worst:F3} ulp"));
    }

    [Fact]
    public void Log_of_a_denormal_is_close_to()
    {
        foreach (float x in new[] { float.Epsilon, 1e-45f, 1e-42f, 1e-39f })
        {
            Assert.Equal(Math.Log(x), VectorMath.Log(x), 2e-5);
        }
    }

    [Fact]
    public void Special_values()
    {
        const float inf = float.PositiveInfinity, nan = float.NaN;
        Assert.Equal([0, inf, nan, 1, 1, 1, 0, inf], Apply(VectorMath.Exp, -inf, inf, nan, 0, -0f, float.Epsilon, -200, 200));
        Assert.Equal([-1, 1, nan, float.Epsilon, -1, 1], Apply(VectorMath.Tanh, -inf, inf, nan, float.Epsilon, -1e30f, 1e30f));
        Assert.Equal([-1, 1, nan, -1, 1], Apply(VectorMath.Erf, -inf, inf, nan, -1e30f, 1e30f));
        Assert.Equal(
            [inf, nan, nan, nan, -inf, -inf, 0],
            new[] { inf, -inf, nan, -1, 0, -0f, 1 }.Select(VectorMath.Log));
    }

    [Fact]
    public void Zero_keeps_its_sign_in_odd_functions()
    {
        foreach (Func<Vector512<float>, Vector512<float>> function in new[] { VectorMath.Tanh, VectorMath.Erf })
        {
            float[] zeros = Apply(function, 0f, -0f);
            Assert.Equal([0, int.MinValue], zeros.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Exp_meets_zero_through_the_denormals()
    {
        float[] x = [.. Grid(-104, -87, 10_000)];
        float[] y = Map(VectorMath.Exp, x);
        Assert.All(y, value => Assert.InRange(value, 0, 1.7e-38f));
        Assert.Equal(y.Order(), y);
        Assert.Contains(y, value => value is > 0 and < 1e-44f);
        Assert.True(VectorMath.Exp(-103f) > 0);
        Assert.Equal(0, VectorMath.Exp(-104f));
    }

    [Fact]
    public void A_lane_does_not_see_its_neighbours()
    {
        float[] values = [float.NaN, float.PositiveInfinity, -3.5f, 0.3f, 1e-40f, 88.9f, -104.5f, 0.93f, 0.625f, -0.1f, 5f, 1e30f];
        foreach (Func<Vector512<float>, Vector512<float>> function in new[] { VectorMath.Exp, VectorMath.Tanh, VectorMath.Erf })
        {
            foreach (float value in values)
            {
                int alone = BitConverter.SingleToInt32Bits(function(Vector512.Create(value))[0]);
                for (int lane = 0; lane < 16; lane++)
                {
                    float[] mixed = [.. Enumerable.Range(0, 16).Select(i => i == lane ? value : values[(i + lane) % values.Length])];
                    Assert.Equal(alone, BitConverter.SingleToInt32Bits(function(Vector512.Create(mixed))[lane]));
                }
            }
        }
    }

    private static void AssertWithin(
        double bound, Func<Vector512<float>, Vector512<float>> function, Func<double, double> exact, IEnumerable<float> inputs)
    {
        double worst = 0;
        float at = 0;
        foreach (float[] chunk in inputs.Chunk(16))
        {
            float[] found = Apply(function, chunk);
            for (int i = 0; i < chunk.Length; i++)
            {
                double error = Ulps(exact(chunk[i]), found[i]);
                (worst, at) = error > worst || double.IsNaN(error) ? (error, chunk[i]) : (worst, at);
            }
        }

        Assert.True(worst <= bound, FormattableString.Invariant($"at {at:R}: off by {worst:F3} ulp"));
    }

    /// <summary>The distance in units of the last place of the float32 nearest to the exact value; overflow has to be overflow.</summary>
    private static double Ulps(double exact, float found)
    {
        float nearest = (float)exact;
        if (float.IsInfinity(nearest) || float.IsInfinity(found))
        {
            return nearest == found ? 0 : double.PositiveInfinity;
        }

        float magnitude = Math.Abs(nearest);
        return Math.Abs(found - exact) / (MathF.BitIncrement(magnitude) - (double)magnitude);
    }

    private static float[] Apply(Func<Vector512<float>, Vector512<float>> function, params float[] x)
    {
        float[] lanes = new float[16];
        x.CopyTo(lanes, 0);
        Vector512<float> y = function(Vector512.Create(lanes));
        return [.. Enumerable.Range(0, x.Length).Select(i => y[i])];
    }

    private static float[] Map(Func<Vector512<float>, Vector512<float>> function, float[] x) =>
        [.. x.Chunk(16).SelectMany(chunk => Apply(function, chunk))];

    private static IEnumerable<float> Grid(float from, float to, int count) =>
        Enumerable.Range(0, count).Select(i => (float)(from + ((to - (double)from) * i / (count - 1))));

    /// <summary>About 1,000 numbers between any two powers of two, or 130,000 over all of float32.</summary>
    private static IEnumerable<float> AllMagnitudes(float from, float to)
    {
        const int stride = 8_191;
        int last = BitConverter.SingleToInt32Bits(to);
        for (long bits = BitConverter.SingleToInt32Bits(from); bits <= last; bits += stride)
        {
            yield return BitConverter.Int32BitsToSingle((int)bits);
        }
    }

    private static IEnumerable<float> Symmetric(IEnumerable<float> values) => values.SelectMany(x => new[] { x, -x });
}
