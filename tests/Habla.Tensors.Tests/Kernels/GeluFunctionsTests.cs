using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

public class GeluFunctionsTests
{
    private static readonly float[] s_specials =
    [
        0f, -0f, 1e-45f, -1e-45f, 1e-38f, 10f, -10f, 10.0001f, -10.0001f, 15f, -15f, 15.0001f, -15.0001f, 89f, -104f, 1e18f, -1e18f,
        float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    [Fact]
    public void Values_and_slopes_have_the_bits_of_the_scalar_loop()
    {
        foreach (float[] x in Grid(-16, 16, 200_000).Concat(s_specials).Chunk(16))
        {
            (float[] exact, float[] exactSlopes) = Apply<ExactGelu>(x);
            (float[] tanh, float[] tanhSlopes) = Apply<TanhGelu>(x);
            Bits.AssertSame([.. x.Select(value => Twin.Gelu(value).Value)], exact, $"from {x[0]}");
            Bits.AssertSame([.. x.Select(value => Twin.Gelu(value).Slope)], exactSlopes, $"slopes from {x[0]}");
            Bits.AssertSame([.. x.Select(value => Twin.GeluTanh(value).Value)], tanh, $"by tanh from {x[0]}");
            Bits.AssertSame([.. x.Select(value => Twin.GeluTanh(value).Slope)], tanhSlopes, $"slopes by tanh from {x[0]}");
        }
    }

    /// <summary>
    /// Values in units of 2⁻²⁴·|x|, since 1 + erf and 1 + tanh lose what is small beside 1; slopes, which go from 0 to 1, in units of
    /// 2⁻²⁴. The bounds are the worst of four million points, rounded up. The last is large because of 1 − s in s(1 − s): near s = 1
    /// its rounding is multiplied by up to 2x·√(2/π)(1 + 0.134145x²), where the slope is 1 but for 2·10⁻⁶.
    /// </summary>
    [Fact]
    public void Values_and_slopes_are_close_to_float64()
    {
        double[] worst = new double[4];
        foreach (float[] x in Grid(-14, 14, 40_000).Where(value => value != 0).Chunk(16))
        {
            (float[] exact, float[] exactSlopes) = Apply<ExactGelu>(x);
            (float[] tanh, float[] tanhSlopes) = Apply<TanhGelu>(x);
            double[] wide = [.. x.Select(value => (double)value)], ones = [.. x.Select(_ => 1.0)];
            double[] values = ReferenceOps.Gelu(wide), slopes = ReferenceOps.GeluBackward(ones, wide);
            double[] tanhValues = ReferenceOps.GeluTanh(wide), tanhExactSlopes = ReferenceOps.GeluTanhBackward(ones, wide);
            for (int i = 0; i < x.Length; i++)
            {
                double unit = Math.Pow(2, -24);
                double[] errors =
                [
                    (exact[i] - values[i]) / wide[i], exactSlopes[i] - slopes[i], (tanh[i] - tanhValues[i]) / wide[i],
                    tanhSlopes[i] - tanhExactSlopes[i],
                ];
                for (int kind = 0; kind < 4; kind++)
                {
                    worst[kind] = Math.Max(worst[kind], Math.Abs(errors[kind]) / unit);
                }
            }
        }

        double[] bounds = [1.9, 2.5, 2.6, 34];
        for (int kind = 0; kind < 4; kind++)
        {
            Assert.True(worst[kind] <= bounds[kind], FormattableString.Invariant($"{string.Join(", ", worst)} units of 2⁻²⁴"));
        }
    }

    private static (float[] Values, float[] Slopes) Apply<TFunction>(float[] x)
        where TFunction : struct, ISlopedFunction
    {
        float[] lanes = new float[16];
        x.CopyTo(lanes, 0);
        TFunction.Invoke(Vector512.Create(lanes), out Vector512<float> y, out Vector512<float> slope);
        return ([.. x.Select((_, i) => y[i])], [.. x.Select((_, i) => slope[i])]);
    }

    private static IEnumerable<float> Grid(float from, float to, int count) =>
        Enumerable.Range(0, count).Select(i => (float)(from + ((to - (double)from) * i / (count - 1))));
}
