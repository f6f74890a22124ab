using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class LayerNormTests
{
    [Fact]
    public void Normalizes_and_goes_back_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(3, 7).Concat([[65, 65]]))
        {
            (int rows, int width) = (size[0], size[1]);
            double[] x = Numbers.Normal(1, rows * width, deviation: 2, mean: 0.5), gain = Numbers.Normal(2, width),
                bias = Numbers.Normal(3, width);
            double[] dy = Numbers.Normal(4, rows * width);
            string at = $" at {rows}×{width}";
            using OpRun run = Run(x, gain, bias, dy, rows, width);
            var gradients = ReferenceOps.LayerNormBackward(dy, x, gain, rows, width);
            Numbers.AssertClose(ReferenceOps.LayerNorm(x, gain, bias, rows, width), run.Output, 1e-5, 1e-5, "y" + at);
            Numbers.AssertClose(gradients.X, run.Gradient(0), 1e-5, 1e-5, "dx" + at);
            Numbers.AssertClose(gradients.Weight, run.Gradient(1), 1e-5, 3e-5, "dgain" + at);
            Numbers.AssertClose(gradients.Bias, run.Gradient(2), 1e-5, 1e-5, "dbias" + at);
        }
    }

    [Fact]
    public void Its_gradients_are_what_differences_find()
    {
        const int rows = 2, width = 5;
        double[] x = Numbers.Normal(1, rows * width), gain = Numbers.Normal(2, width), bias = Numbers.Normal(3, width);
        double[] dy = Numbers.Normal(4, rows * width);
        using OpRun run = Run(x, gain, bias, dy, rows, width);
        double Loss(double[] a, double[] g, double[] b) =>
            ReferenceOps.LayerNorm(a, g, b, rows, width).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(p, gain, bias), x), run.Gradient(0), 1e-5, 2e-6, "dx");
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(x, p, bias), gain), run.Gradient(1), 1e-5, 2e-6, "dgain");
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(x, gain, p), bias), run.Gradient(2), 1e-5, 2e-6, "dbias");
    }

    [Fact]
    public void A_row_of_equal_numbers_gives_the_bias()
    {
        // 3 is exact, so the variance is 0 and 1/√ε = 316 is the slope.
        double[] x = [3, 3, 3, 3], gain = [1, 2, 3, 4], bias = [5, 6, 7, 8], dy = [1, 0, 0, -1];
        using OpRun run = Run(x, gain, bias, dy, 1, 4);
        Assert.Equal([5, 6, 7, 8], run.Output);
        Numbers.AssertClose(ReferenceOps.LayerNormBackward(dy, x, gain, 1, 4).X, run.Gradient(0), 1e-5, 1e-5);
        Assert.Equal([0, 0, 0, 0], run.Gradient(1));
    }

    [Theory]
    [InlineData(1e-20)]
    [InlineData(1e-3)]
    [InlineData(1e15)]
    public void Survives_tiny_and_huge_numbers(double scale)
    {
        double[] x = Numbers.Normal(1, 17, scale), gain = Numbers.Normal(2, 17), bias = Numbers.Normal(3, 17), dy = Numbers.Normal(4, 17);
        using OpRun run = Run(x, gain, bias, dy, 1, 17);
        Numbers.AssertClose(ReferenceOps.LayerNorm(x, gain, bias, 1, 17), run.Output, 1e-5, 1e-5);
        Numbers.AssertClose(ReferenceOps.LayerNormBackward(dy, x, gain, 1, 17).X, run.Gradient(0), 1e-4, 1e-5 / Math.Max(scale, 3e-3));
    }

    [Fact]
    public void A_large_mean_does_not_drown_the_variance()
    {
        // The mean of squares minus the square of the mean would lose everything here.
        double[] x = Numbers.Normal(1, 33, deviation: 1, mean: 10_000), gain = Numbers.Normal(2, 33), bias = Numbers.Normal(3, 33);
        using OpRun run = Run(x, gain, bias, new double[33], 1, 33);
        Numbers.AssertClose(ReferenceOps.LayerNorm(x, gain, bias, 1, 33), run.Output, 5e-3, 5e-3);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_a_number_fills_its_row_and_no_other(double bad)
    {
        double[] x = [1, 2, bad, 4, 1, 2, 3, 4], gain = [1, 1, 1, 1], bias = [0, 0, 0, 0];
        using OpRun run = Run(x, gain, bias, [1, 1, 1, 1, 1, 1, 1, 1], 2, 4);
        Assert.All(run.Output[..4], value => Assert.Equal(double.NaN, value));
        Assert.All(run.Output[4..], value => Assert.True(double.IsFinite(value)));
        Assert.All(run.Gradient(0)[..4], value => Assert.Equal(double.NaN, value));
        Assert.All(run.Gradient(0)[4..], value => Assert.True(double.IsFinite(value)));
        Assert.All(run.Gradient(1), value => Assert.Equal(double.NaN, value));
    }

    private static OpRun Run(double[] x, double[] gain, double[] bias, double[] dy, int rows, int width)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(rows, width), x);
        Tensor stretch = run.Input(new Shape(width), gain), shift = run.Input(new Shape(width), bias);
        return run.Back(LayerNorm.Apply(run.Tape, input, stretch, shift), dy);
    }
}
