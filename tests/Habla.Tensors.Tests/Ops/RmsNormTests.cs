using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class RmsNormTests
{
    [Fact]
    public void Normalizes_and_goes_back_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(3, 7).Concat([[65, 65]]))
        {
            (int rows, int width) = (size[0], size[1]);
            double[] x = Numbers.Normal(1, rows * width, deviation: 2, mean: 0.5), gain = Numbers.Normal(2, width);
            double[] dy = Numbers.Normal(4, rows * width);
            string at = $" at {rows}×{width}";
            using OpRun run = Run(x, gain, dy, rows, width);
            (double[] dx, double[] dgain) = ReferenceOps.RmsNormBackward(dy, x, gain, rows, width);
            Numbers.AssertClose(ReferenceOps.RmsNorm(x, gain, rows, width), run.Output, 1e-5, 1e-5, "y" + at);
            Numbers.AssertClose(dx, run.Gradient(0), 1e-5, 1e-5, "dx" + at);
            Numbers.AssertClose(dgain, run.Gradient(1), 1e-5, 3e-5, "dgain" + at);
        }
    }

    [Theory]
    [InlineData(LayerNorm.Epsilon)]
    [InlineData(0.25f)]
    public void Its_gradients_are_what_differences_find(float epsilon)
    {
        const int rows = 2, width = 5;
        double[] x = Numbers.Normal(1, rows * width), gain = Numbers.Normal(2, width), dy = Numbers.Normal(4, rows * width);
        using OpRun run = Run(x, gain, dy, rows, width, epsilon);
        double Loss(double[] a, double[] g) => ReferenceOps.RmsNorm(a, g, rows, width, epsilon).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(p, gain), x), run.Gradient(0), 1e-5, 2e-6, "dx");
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(x, p), gain), run.Gradient(1), 1e-5, 2e-6, "dgain");
    }

    [Fact]
    public void A_row_of_zeros_gives_zeros_and_a_finite_gradient()
    {
        double[] gain = [1, 2, 3];
        using OpRun run = Run(new double[3], gain, [1, 1, 1], 1, 3);
        Assert.Equal(new double[3], run.Output);
        Numbers.AssertClose([.. gain.Select(g => g / Math.Sqrt(1e-5))], run.Gradient(0), 1e-5, 1e-5);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_a_number_leaves_other_rows_alone(double bad)
    {
        double[] x = [1, 2, bad, 4, 1, 2, 3, 4], gain = [1, 1, 1, 1];
        using OpRun run = Run(x, gain, [1, 1, 1, 1, 1, 1, 1, 1], 2, 4);
        Assert.Equal(double.NaN, run.Output[2]);
        Assert.All(run.Output[4..], value => Assert.True(double.IsFinite(value)));
        Assert.All(run.Gradient(0)[..4], value => Assert.Equal(double.NaN, value));
        Assert.All(run.Gradient(0)[4..], value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]), gain = run.Input(new Shape(3), new double[3]);
        Assert.Contains("RMS norm", Assert.Throws<ShapeException>(
            () => RmsNorm.Apply(run.Tape, x, run.Input(new Shape(2), [1, 1]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => RmsNorm.Apply(run.Tape, x, gain, 0));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => LayerNorm.Apply(run.Tape, x, gain, gain, -1));
    }

    private static OpRun Run(double[] x, double[] gain, double[] dy, int rows, int width, float epsilon = LayerNorm.Epsilon)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(rows, width), x), stretch = run.Input(new Shape(width), gain);
        return run.Back(RmsNorm.Apply(run.Tape, input, stretch, epsilon), dy);
    }
}
