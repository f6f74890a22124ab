using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

/// <summary>The activation by itself, behind a linear map that leaves each number as it is, and then the two as one operation.</summary>
public class LinearGeluTests
{
    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Agrees_at_every_odd_shape(GeluForm form)
    {
        foreach (int[] size in OpRun.Sweep(3, 5))
        {
            double[] x = Numbers.Normal(1, size[0] * size[1], deviation: 2), dy = Numbers.Normal(2, x.Length);
            using OpRun run = Run(x, dy, form);
            Numbers.AssertClose(Forward(x, form), run.Output, 1e-6, 5e-7, $"y at {size[0]}×{size[1]}");
            Numbers.AssertClose(Backward(dy, x, form), run.Gradient(0), 1e-6, 1e-6, $"dx at {size[0]}×{size[1]}");
        }
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Agrees_on_a_fine_grid_where_its_pieces_meet(GeluForm form)
    {
        double[] x = [.. Enumerable.Range(-800, 1601).Select(i => (double)(float)(i / 100.0))], dy = [.. x.Select(_ => 1.0)];
        using OpRun run = Run(x, dy, form);
        Numbers.AssertClose(Forward(x, form), run.Output, 1e-6, 5e-7, "y");
        Numbers.AssertClose(Backward(dy, x, form), run.Gradient(0), 1e-6, 1e-6, "dx");
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Its_gradient_is_what_differences_find(GeluForm form)
    {
        double[] x = [-3, -1, -0.1, 0, 0.5, 2, 4], dy = Numbers.Normal(1, 7);
        using OpRun run = Run(x, dy, form);
        double[] differences = FiniteDifference.Gradient(p => Forward(p, form).Zip(dy, (y, d) => y * d).Sum(), x);
        Numbers.AssertClose(differences, run.Gradient(0), 1e-6, 1e-6);
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Is_the_identity_far_right_zero_far_left_and_half_of_x_near_zero(GeluForm form)
    {
        double[] x = [1e15f, 50, -50, -1e15f, 0, 1e-20f, -1e-20f], dy = [.. x.Select(_ => 1.0)];
        using OpRun run = Run(x, dy, form);
        Numbers.AssertClose([1e15f, 50, 0, 0, 0, 0.5e-20, -0.5e-20], run.Output, 1e-6, 0);
        Numbers.AssertClose([1, 1, 0, 0, 0.5, 0.5, 0.5], run.Gradient(0), 1e-6, 0);
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Not_a_number_stays_one_and_infinity_too(GeluForm form)
    {
        using OpRun run = Run([1, double.NaN, double.PositiveInfinity, 1], [1, 1, 1, 1], form);
        Assert.Equal(double.NaN, run.Output[1]);
        Assert.Equal(double.NaN, run.Gradient(0)[1]);
        Assert.Equal(double.PositiveInfinity, run.Output[2]);
        Assert.Equal(run.Output[0], run.Output[3]);
        Assert.True(double.IsFinite(run.Output[0]));
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Both_infinities_have_their_limits_and_no_finite_number_loses_its_gradient(GeluForm form)
    {
        double[] x =
        [
            double.NegativeInfinity, float.MinValue, -1e30f, -2e19f, -16, -15, 15, 16, 2e19f, 1e30f, float.MaxValue,
            double.PositiveInfinity,
        ];
        double[] y = [.. x.Select(value => Math.Max(value, 0))], slope = [.. x.Select(value => value > 0 ? 1.0 : 0.0)];
        using OpRun run = Run(x, [.. x.Select(value => double.IsFinite(value) ? 1.0 : 0.0)], form);
        Assert.Equal(y, run.Output);
        Assert.Equal(slope[1..^1], run.Gradient(0)[1..^1]);
        Assert.Equal(0, run.Gradient(0)[0]);
        Assert.Equal(0, run.Gradient(0)[^1]);
    }

    [Theory]
    [InlineData(GeluForm.Exact, true)]
    [InlineData(GeluForm.Exact, false)]
    [InlineData(GeluForm.Tanh, true)]
    [InlineData(GeluForm.Tanh, false)]
    public void Is_the_linear_map_and_the_activation_in_one_forward_and_back_at_every_odd_shape(GeluForm form, bool withBias)
    {
        foreach (int[] size in OpRun.Sweep(5, 6, 7))
        {
            (int rows, int inputs, int outputs) = (size[0], size[1], size[2]);
            double[] x = Numbers.Normal(1, rows * inputs), weight = Numbers.Normal(2, outputs * inputs, 0.5);
            double[] dy = Numbers.Normal(4, rows * outputs);
            double[]? bias = withBias ? Numbers.Normal(3, outputs) : null;
            double[] hidden = ReferenceOps.Linear(x, weight, bias, rows, inputs, outputs);
            var gradients = ReferenceOps.LinearBackward(Backward(dy, hidden, form), x, weight, rows, inputs, outputs);
            using OpRun run = Run(x, weight, bias, dy, rows, inputs, outputs, form);
            string at = $" at {rows}×{inputs}×{outputs}";
            Numbers.AssertClose(Forward(hidden, form), run.Output, 4e-6, 4e-6 * Math.Sqrt(inputs), "y" + at);
            Numbers.AssertClose(gradients.X, run.Gradient(0), 4e-6, 4e-6 * Math.Sqrt(outputs), "dx" + at);
            Numbers.AssertClose(gradients.Weight, run.Gradient(1), 4e-6, 4e-6 * Math.Sqrt(rows), "dweight" + at);
            if (withBias)
            {
                Numbers.AssertClose(gradients.Bias, run.Gradient(2), 4e-6, 4e-6 * Math.Sqrt(rows), "dbias" + at);
            }
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]), weight = run.Input(new Shape(4, 2), new double[8]);
        Tensor square = run.Input(new Shape(3, 3), new double[9]), bias = run.Input(new Shape(4), new double[4]);
        Refuses("[4, 2]", () => LinearGelu.Apply(run.Tape, x, weight, null, GeluForm.Exact));
        Refuses("[4]", () => LinearGelu.Apply(run.Tape, x, square, bias, GeluForm.Exact));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_form_that_there_is_not_is_refused(int unknown)
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]), square = run.Input(new Shape(3, 3), new double[9]);
        Assert.Throws<ArgumentOutOfRangeException>("form", () => LinearGelu.Apply(run.Tape, x, square, null, (GeluForm)unknown));
    }

    private static void Refuses(string named, Action call) =>
        Assert.Contains(named, Assert.Throws<ShapeException>(call).Message, StringComparison.Ordinal);

    private static double[] Forward(double[] x, GeluForm form) =>
        form == GeluForm.Exact ? ReferenceOps.Gelu(x) : ReferenceOps.GeluTanh(x);

    private static double[] Backward(double[] dy, double[] x, GeluForm form) =>
        form == GeluForm.Exact ? ReferenceOps.GeluBackward(dy, x) : ReferenceOps.GeluTanhBackward(dy, x);

    /// <summary>A map of one number to one number, with a weight of 1: what comes out is gelu(x).</summary>
    private static OpRun Run(double[] x, double[] dy, GeluForm form)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(x.Length, 1), x), one = run.Input(new Shape(1, 1), [1]);
        return run.Back(LinearGelu.Apply(run.Tape, input, one, null, form), dy);
    }

    private static OpRun Run(double[] x, double[] weight, double[]? bias, double[] dy, int rows, int inputs, int outputs, GeluForm form)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(rows, inputs), x), matrix = run.Input(new Shape(outputs, inputs), weight);
        Tensor? shift = bias is null ? null : run.Input(new Shape(outputs), bias);
        return run.Back(LinearGelu.Apply(run.Tape, input, matrix, shift, form), dy);
    }
}
