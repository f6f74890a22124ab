using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class GeluTests
{
    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Agrees_at_every_odd_shape(GeluForm form)
    {
        foreach (int[] size in OpRun.Sweep(3, 5))
        {
            double[] x = Numbers.Normal(1, size[0] * size[1], deviation: 2), dy = Numbers.Normal(2, x.Length);
            using OpRun run = Run(x, dy, form, size[0]);
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
        using OpRun run = Run(x, dy, form, 1);
        Numbers.AssertClose(Forward(x, form), run.Output, 1e-6, 5e-7, "y");
        Numbers.AssertClose(Backward(dy, x, form), run.Gradient(0), 1e-6, 1e-6, "dx");
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Its_gradient_is_what_differences_find(GeluForm form)
    {
        double[] x = [-3, -1, -0.1, 0, 0.5, 2, 4], dy = Numbers.Normal(1, 7);
        using OpRun run = Run(x, dy, form, 1);
        double[] differences = FiniteDifference.Gradient(p => Forward(p, form).Zip(dy, (y, d) => y * d).Sum(), x);
        Numbers.AssertClose(differences, run.Gradient(0), 1e-6, 1e-6);
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Is_the_identity_far_right_zero_far_left_and_half_of_x_near_zero(GeluForm form)
    {
        double[] x = [1e15f, 50, -50, -1e15f, 0, 1e-20f, -1e-20f], dy = [.. x.Select(_ => 1.0)];
        using OpRun run = Run(x, dy, form, 1);
        Numbers.AssertClose([1e15f, 50, 0, 0, 0, 0.5e-20, -0.5e-20], run.Output, 1e-6, 0);
        Numbers.AssertClose([1, 1, 0, 0, 0.5, 0.5, 0.5], run.Gradient(0), 1e-6, 0);
    }

    [Theory]
    [InlineData(GeluForm.Exact)]
    [InlineData(GeluForm.Tanh)]
    public void Not_a_number_stays_one_and_infinity_too(GeluForm form)
    {
        using OpRun run = Run([1, double.NaN, double.PositiveInfinity, 1], [1, 1, 1, 1], form, 1);
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
            double.NegativeInfinity, float.MinValue, -1e30f, -2e19f, -16, -15, 15, 16, 2e19f, 1e30f, float.MaxValue, double.PositiveInfinity,
        ];
        double[] y = [.. x.Select(value => Math.Max(value, 0))], slope = [.. x.Select(value => value > 0 ? 1.0 : 0.0)];
        using OpRun run = Run(x, [.. x.Select(value => double.IsFinite(value) ? 1.0 : 0.0)], form, 1);
        Assert.Equal(y, run.Output);
        Assert.Equal(slope[1..^1], run.Gradient(0)[1..^1]);
        Assert.Equal(0, run.Gradient(0)[0]);
        Assert.Equal(0, run.Gradient(0)[^1]);
    }

    private static double[] Forward(double[] x, GeluForm form) =>
        form == GeluForm.Exact ? ReferenceOps.Gelu(x) : ReferenceOps.GeluTanh(x);

    private static double[] Backward(double[] dy, double[] x, GeluForm form) =>
        form == GeluForm.Exact ? ReferenceOps.GeluBackward(dy, x) : ReferenceOps.GeluTanhBackward(dy, x);

    private static OpRun Run(double[] x, double[] dy, GeluForm form, int rows)
    {
        var run = new OpRun();
        return run.Back(Gelu.Apply(run.Tape, run.Input(new Shape(rows, x.Length / rows), x), form), dy);
    }
}
