using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class SwiGluTests
{
    [Fact]
    public void Agrees_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(3, 7).Concat([[65, 65]]))
        {
            (int rows, int width) = (size[0], size[1]);
            double[] x = Numbers.Normal(1, 2 * rows * width, deviation: 3), dy = Numbers.Normal(2, rows * width);
            string at = $" at {rows}×{width}";
            using OpRun run = Run(x, dy, rows, width);
            Numbers.AssertClose(ReferenceOps.SwiGlu(x, rows, width), run.Output, 1e-6, 1e-6, "y" + at);
            Numbers.AssertClose(ReferenceOps.SwiGluBackward(dy, x, rows, width), run.Gradient(0), 2e-6, 2e-6, "dx" + at);
        }
    }

    [Fact]
    public void Its_gradients_are_what_differences_find()
    {
        const int rows = 2, width = 5;
        double[] x = Numbers.Normal(1, 2 * rows * width, deviation: 2), dy = Numbers.Normal(2, rows * width);
        using OpRun run = Run(x, dy, rows, width);
        double Loss(double[] p) => ReferenceOps.SwiGlu(p, rows, width).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(Loss, x), run.Gradient(0), 1e-5, 2e-6);
    }

    [Fact]
    public void Large_gates_are_open_or_shut_without_overflow()
    {
        using OpRun run = Run([1e30, -1e30, 100, -100, 2, 2, 2, 2], [1, 1, 1, 1], 1, 4);
        Assert.Equal([(double)(2 * 1e30f), 0, 200, 0], run.Output);
        Assert.Equal([2.0, 0, 2, 0], run.Gradient(0)[..4]);
    }

    [Fact]
    public void It_adds_to_a_gradient_that_is_there()
    {
        double[] x = Numbers.Normal(1, 6);
        using var run = new OpRun();
        Tensor input = run.Input(new Shape(1, 6), x);
        Tensor once = SwiGlu.Apply(run.Tape, input), twice = SwiGlu.Apply(run.Tape, input);
        run.Back(Residual.Add(run.Tape, once, twice), [1, 1, 1]);
        Numbers.AssertClose([.. ReferenceOps.SwiGluBackward([2, 2, 2], x, 1, 3)], run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void An_odd_width_is_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]);
        Assert.Contains("[2, 3]", Assert.Throws<ShapeException>(() => SwiGlu.Apply(run.Tape, x)).Message, StringComparison.Ordinal);
    }

    private static OpRun Run(double[] x, double[] dy, int rows, int width)
    {
        var run = new OpRun();
        return run.Back(SwiGlu.Apply(run.Tape, run.Input(new Shape(rows, 2 * width), x)), dy);
    }
}
