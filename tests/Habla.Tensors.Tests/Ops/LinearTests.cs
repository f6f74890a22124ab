using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class LinearTests
{
    /// <summary>float32's rounding (6e-8) of up to 65 terms of size about one, with room.</summary>
    private const double Tolerance = 2e-6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Multiplies_and_goes_back_at_every_odd_shape(bool withBias)
    {
        foreach (int[] size in OpRun.Sweep(5, 6, 7).Concat([[65, 65, 65], [33, 300, 17]]))
        {
            Check(size[0], size[1], size[2], withBias);
        }
    }

    [Fact]
    public void Its_gradients_are_what_differences_find()
    {
        const int rows = 3, inputs = 4, outputs = 2;
        double[] x = Numbers.Normal(1, rows * inputs), weight = Numbers.Normal(2, outputs * inputs), bias = Numbers.Normal(3, outputs);
        double[] dy = Numbers.Normal(4, rows * outputs);
        using OpRun run = Run(x, weight, bias, dy, rows, inputs, outputs);
        double Loss(double[] a, double[] w, double[] b) =>
            ReferenceOps.Linear(a, w, b, rows, inputs, outputs).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(p, weight, bias), x), run.Gradient(0), 1e-5, 1e-6, "dx");
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(x, p, bias), weight), run.Gradient(1), 1e-5, 1e-6, "dweight");
        Numbers.AssertClose(FiniteDifference.Gradient(p => Loss(x, weight, p), bias), run.Gradient(2), 1e-5, 1e-6, "dbias");
    }

    [Fact]
    public void A_weight_used_twice_gathers_both_gradients()
    {
        double[] x = Numbers.Normal(1, 6), weight = Numbers.Normal(2, 9), dy = Numbers.Normal(3, 6);
        using var run = new OpRun();
        Tensor input = run.Input(new Shape(2, 3), x), matrix = run.Input(new Shape(3, 3), weight);
        Tensor hidden = Linear.Apply(run.Tape, input, matrix);
        run.Back(Linear.Apply(run.Tape, hidden, matrix), dy);
        double Loss(double[] w) =>
            ReferenceOps.Linear(ReferenceOps.Linear(x, w, null, 2, 3, 3), w, null, 2, 3, 3).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(Loss, weight), run.Gradient(1), 1e-5, 1e-5);
    }

    [Fact]
    public void Not_a_number_reaches_what_depends_on_it_and_nothing_else()
    {
        double[] x = [1, double.NaN, 3, 4, 5, 6], weight = [1, 1, 2, 2];
        using OpRun run = Run(x, weight, null, [1, 1, 1, 1, 1, 1], 3, 2, 2);
        Assert.Equal([double.NaN, double.NaN, 7, 14, 11, 22], run.Output);
        Assert.Equal([9, double.NaN, 9, double.NaN], run.Gradient(1));
        Assert.Equal([3, 3, 3, 3, 3, 3], run.Gradient(0));
    }

    [Fact]
    public void Infinity_times_zero_is_not_a_number_and_large_numbers_overflow()
    {
        using OpRun run = Run([double.PositiveInfinity, 3e38], [0, 1, 1, 0, 0, 2], null, [0, 0, 0], 1, 2, 3);
        Assert.Equal([double.NaN, double.PositiveInfinity, double.NaN], run.Output);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]), weight = run.Input(new Shape(4, 2), new double[8]);
        Assert.Contains("[4, 2]", Assert.Throws<ShapeException>(() => Linear.Apply(run.Tape, x, weight)).Message, StringComparison.Ordinal);
    }

    private static void Check(int rows, int inputs, int outputs, bool withBias)
    {
        double[] x = Numbers.Normal(1, rows * inputs), weight = Numbers.Normal(2, outputs * inputs), dy = Numbers.Normal(4, rows * outputs);
        double[]? bias = withBias ? Numbers.Normal(3, outputs) : null;
        string at = $" at {rows}×{inputs}×{outputs}";
        using OpRun run = Run(x, weight, bias, dy, rows, inputs, outputs);
        var gradients = ReferenceOps.LinearBackward(dy, x, weight, rows, inputs, outputs);
        Close(ReferenceOps.Linear(x, weight, bias, rows, inputs, outputs), run.Output, inputs, "y" + at);
        Close(gradients.X, run.Gradient(0), outputs, "dx" + at);
        Close(gradients.Weight, run.Gradient(1), rows, "dweight" + at);
        if (withBias)
        {
            Close(gradients.Bias, run.Gradient(2), rows, "dbias" + at);
        }
    }

    private static OpRun Run(double[] x, double[] weight, double[]? bias, double[] dy, int rows, int inputs, int outputs)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(rows, inputs), x), matrix = run.Input(new Shape(outputs, inputs), weight);
        Tensor? shift = bias is null ? null : run.Input(new Shape(outputs), bias);
        return run.Back(Linear.Apply(run.Tape, input, matrix, shift), dy);
    }

    private static void Close(double[] expected, double[] actual, int terms, string what) =>
        Numbers.AssertClose(expected, actual, Tolerance, Tolerance * Math.Sqrt(terms), what);
}
