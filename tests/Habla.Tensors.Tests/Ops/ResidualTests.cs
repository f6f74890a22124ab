using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class ResidualTests
{
    [Fact]
    public void Adds_and_hands_the_gradient_to_both_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(2, 5))
        {
            var shape = new Shape(size[0], size[1]);
            double[] x = Numbers.Normal(1, shape.Count), branch = Numbers.Normal(2, shape.Count), dy = Numbers.Normal(3, shape.Count);
            using var run = new OpRun();
            run.Back(Residual.Add(run.Tape, run.Input(shape, x), run.Input(shape, branch)), dy);
            Numbers.AssertClose(ReferenceOps.Add(x, branch), run.Output, 1e-7, 1e-7);
            Assert.Equal(dy, run.Gradient(0));
            Assert.Equal(dy, run.Gradient(1));
        }
    }

    [Fact]
    public void Dropout_drops_of_the_branch_only_and_drops_the_same_on_the_way_back()
    {
        foreach (int[] size in OpRun.Sweep(2, 5))
        {
            var shape = new Shape(size[0], size[1]);
            double[] x = Numbers.Normal(1, shape.Count), branch = Numbers.Normal(2, shape.Count), dy = Numbers.Normal(3, shape.Count);
            double[] zeros = new double[shape.Count], ones = [.. zeros.Select(_ => 1.0)];
            using OpRun mask = WithDropout(shape, zeros, ones, zeros), run = WithDropout(shape, x, branch, dy);
            bool[] kept = [.. mask.Output.Select(value => value != 0)];
            Numbers.AssertClose(ReferenceOps.Add(x, ReferenceOps.Dropout(branch, kept, 0.4f)), run.Output, 1e-6, 1e-6);
            Assert.Equal(dy, run.Gradient(0));
            Numbers.AssertClose(ReferenceOps.Dropout(dy, kept, 0.4f), run.Gradient(1), 1e-6, 0);
        }
    }

    [Fact]
    public void The_sum_takes_the_place_of_the_branch()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(3), [1, 2, 3]), branch = run.Input(new Shape(3), [10, 20, 30]);
        Assert.Same(branch, Residual.Add(run.Tape, x, branch));
        Assert.Equal([11f, 22f, 33f], branch.Data.ToArray());
        Assert.Equal([1f, 2f, 3f], x.Data.ToArray());
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void A_probability_outside_its_range_is_refused(float probability)
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(3), new double[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Residual.Add(run.Tape, x, run.Input(new Shape(3), new double[3]), probability));
    }

    [Fact]
    public void A_branch_that_is_x_or_a_parameter_is_refused_since_the_sum_takes_its_place()
    {
        using var set = new ParameterSet();
        ParameterView parameter = set.Add("p", new Shape(3), ParameterKind.Weight);
        using var tape = new Tape(set);
        Tensor x = tape.Create(new Shape(3), [1, 2, 3]);
        Assert.Throws<ArgumentException>("branch", () => Residual.Add(tape, x, x));
        Assert.Throws<ArgumentException>("branch", () => Residual.Add(tape, x, tape.Use(parameter)));
    }

    [Fact]
    public void A_branch_that_an_operation_has_read_is_refused_until_the_tape_is_reset()
    {
        using var set = new ParameterSet();
        using var tape = new Tape(set);
        Tensor x = tape.Create(new Shape(1, 2), [1, 2]), branch = tape.Create(new Shape(1, 2), [3, 4]);
        Linear.Apply(tape, branch, tape.Create(new Shape(2, 2), [1, 0, 0, 1])); // needs the branch as it is for its weight's gradient
        Assert.StartsWith(
            "this tensor [1, 2] is to be changed in place, but an operation has read it already",
            Assert.Throws<ArgumentException>("branch", () => Residual.Add(tape, x, branch)).Message, StringComparison.Ordinal);
        Assert.Equal([3f, 4f], branch.Data.ToArray());

        tape.Reset();
        (x, branch) = (tape.Create(new Shape(1, 2), [1, 2]), tape.Create(new Shape(1, 2), [3, 4]));
        Assert.Equal([4f, 6f], Residual.Add(tape, x, branch).Data.ToArray());
    }

    [Fact]
    public void Infinities_and_not_a_number_go_through()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(3), [double.PositiveInfinity, double.NaN, double.PositiveInfinity]);
        run.Back(Residual.Add(run.Tape, x, run.Input(new Shape(3), [1, 1, double.NegativeInfinity])), [1, 1, 1]);
        Assert.Equal([double.PositiveInfinity, double.NaN, double.NaN], run.Output);
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(2, 3), new double[6]), other = run.Input(new Shape(3, 2), new double[6]);
        Assert.Throws<ShapeException>(() => Residual.Add(run.Tape, x, other));
    }

    private static OpRun WithDropout(Shape shape, double[] x, double[] branch, double[] dy)
    {
        var run = new OpRun();
        run.Tape.Dropout = new DropoutSource(seed: 5, step: 2, firstSample: 1);
        return run.Back(Residual.Add(run.Tape, run.Input(shape, x), run.Input(shape, branch), 0.4f), dy);
    }
}
