using System.Runtime.Intrinsics;
using Habla.Evaluation;
using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// exp, log, tanh and erf have the bits of their scalar twins, and the accuracy that <see cref="VectorMath"/> states. The bounds are the
/// worst error of all float32 numbers there are, rounded up; here every 61st of them is tried, or fewer, and those where the worst was
/// found.
/// </summary>
public class VectorMathTests
{
    private const double ExpUlps = 1.02, LogUlps = 0.82, LogOfDenormalUlps = 1.01, TanhUlps = 1.34, ErfUlps = 1.27;

    // Near 0 the functions are 1, x, or a multiple of x; from here on there is something to approximate.
    private const float Tiny = 1e-9f;

    [Fact]
    public void Exp_is_within_its_bound_up_to_overflow_and_down_through_the_denormals() => AssertWithin(
        ExpUlps, VectorMath.Exp, Twin.Exp, Math.Exp,
        [.. Every(Tiny, 89), .. Every(Tiny, 104).Select(x => -x), .. AllMagnitudes(), -27.377993f, 37.77864f]);

    [Fact]
    public void Exp_of_negative_is_within_its_bound_where_the_result_is_normal_and_zero_below() => AssertWithin(
        ExpUlps, VectorMath.ExpOfNegative, Twin.ExpOfNegative, x => x < -87.33654f ? 0 : Math.Exp(x),
        [.. Every(Tiny, 200).Select(x => -x), .. AllMagnitudes().Where(x => x <= 0), -27.377993f, -87.33654f, -87.33655f]);

    [Fact]
    public void Exp_of_moderate_is_within_its_bound_for_both_signs() => AssertWithin(
        ExpUlps, VectorMath.ExpOfModerate, Twin.ExpOfModerate, Math.Exp,
        Symmetric(
            [.. Every(Tiny, 87.33654f), .. AllMagnitudes().Where(x => x is >= 0 and <= 87.33654f), 27.377993f, 37.77864f, 87.33654f]));

    [Fact]
    public void Tanh_is_within_its_bound() =>
        AssertWithin(TanhUlps, VectorMath.Tanh, Twin.Tanh, Math.Tanh, Symmetric([.. Every(1e-5f, 12), .. AllMagnitudes(), 0.6310442f]));

    [Fact]
    public void Erf_is_within_its_bound() => AssertWithin(
        ErfUlps, VectorMath.Erf, Twin.Erf, ErrorFunction.Erf,
        Symmetric([.. Every(1e-3f, 1), .. Every(1, 4.5f, stride: 211), .. AllMagnitudes(), 0.8979625f]));

    [Fact]
    public void Log_is_within_its_bound_at_every_magnitude() => AssertWithin(
        LogUlps, Lanewise(VectorMath.Log), Twin.Log, Math.Log,
        [.. Every(0.5f, 2), .. Every(1.17549435e-38f, float.MaxValue, stride: 1009), 0.63858443f]);

    [Fact]
    public void Log_of_a_denormal_is_within_its_bound() => AssertWithin(
        LogOfDenormalUlps, Lanewise(VectorMath.Log), Twin.Log, Math.Log, [.. Every(float.Epsilon, 1.1754942e-38f), 5.857273e-39f]);

    [Fact]
    public void Special_values()
    {
        const float inf = float.PositiveInfinity, nan = float.NaN;
        Assert.Equal([0, inf, nan, 1, 1, 1, 0, inf], Apply(VectorMath.Exp, -inf, inf, nan, 0, -0f, float.Epsilon, -200, 200));
        Assert.Equal([0, nan, 1, 1, 1, 0], Apply(VectorMath.ExpOfNegative, -inf, nan, 0, -0f, -float.Epsilon, float.MinValue));
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
        float[] x = [.. Enumerable.Range(0, 10_000).Select(i => -104 + (17f * i / 9_999))];
        float[] y = [.. x.Chunk(16).SelectMany(chunk => Apply(VectorMath.Exp, chunk))];
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
        foreach (Func<Vector512<float>, Vector512<float>> function in
            new[] { VectorMath.Exp, VectorMath.ExpOfNegative, VectorMath.Tanh, VectorMath.Erf })
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
        double bound, Func<Vector512<float>, Vector512<float>> function, Func<float, float> twin, Func<double, double> exact,
        IEnumerable<float> inputs)
    {
        double worst = 0;
        float at = 0;
        float[] x = new float[16];
        int filled = 0;
        void Compare()
        {
            Vector512<float> found = function(Vector512.Create(x));
            for (int i = 0; i < filled; i++)
            {
                if (!Bits.Same(twin(x[i]), found[i]))
                {
                    Bits.AssertSame(twin(x[i]), found[i], $"at {x[i]}");
                }

                double error = Ulps(exact(x[i]), found[i]);
                (worst, at) = error <= worst ? (worst, at) : (error, x[i]);
            }

            filled = 0;
        }

        foreach (float input in inputs)
        {
            x[filled++] = input;
            if (filled == 16)
            {
                Compare();
            }
        }

        Compare();
        Assert.True(worst <= bound, FormattableString.Invariant($"at {at:R}: off by {worst:F5} ulp"));
    }

    /// <summary>The distance in units of the last place of the float32 nearest to the exact value; overflow has to be overflow.</summary>
    private static double Ulps(double exact, float found)
    {
        float nearest = (float)exact;
        if (!float.IsFinite(nearest) || !float.IsFinite(found))
        {
            return nearest.Equals(found) ? 0 : double.PositiveInfinity;
        }

        float magnitude = Math.Abs(nearest);
        return Math.Abs(found - exact) / (MathF.BitIncrement(magnitude) - (double)magnitude);
    }

    private static Func<Vector512<float>, Vector512<float>> Lanewise(Func<float, float> function) =>
        x => Vector512.Create([.. Enumerable.Range(0, 16).Select(i => function(x[i]))]);

    private static float[] Apply(Func<Vector512<float>, Vector512<float>> function, params float[] x)
    {
        float[] lanes = new float[16];
        x.CopyTo(lanes, 0);
        Vector512<float> y = function(Vector512.Create(lanes));
        return [.. Enumerable.Range(0, x.Length).Select(i => y[i])];
    }

    /// <summary>Every 61st float32 between two positive ones.</summary>
    private static IEnumerable<float> Every(float from, float to, int stride = 61)
    {
        int last = BitConverter.SingleToInt32Bits(to);
        for (long bits = BitConverter.SingleToInt32Bits(from); bits <= last; bits += stride)
        {
            yield return BitConverter.Int32BitsToSingle((int)bits);
        }
    }

    /// <summary>Some numbers of every magnitude and sign, denormals, infinities and NaN among them.</summary>
    private static IEnumerable<float> AllMagnitudes()
    {
        for (long bits = int.MinValue; bits <= int.MaxValue; bits += 40_009)
        {
            float x = BitConverter.Int32BitsToSingle((int)bits);
            if (!float.IsNaN(x))
            {
                yield return x;
            }
        }
    }

    private static IEnumerable<float> Symmetric(IEnumerable<float> values) => values.SelectMany(x => new[] { x, -x });
}
