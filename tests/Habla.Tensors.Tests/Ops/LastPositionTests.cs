using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class LastPositionTests
{
    [Fact]
    public void Takes_the_last_position_of_each_sample_and_gives_its_gradient_back_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(2, 3, 5))
        {
            (int batch, int length, int width) = (size[0], size[1], size[2]);
            var shape = new Shape(batch, length, width);
            double[] x = Numbers.Normal(1, shape.Count), dy = Numbers.Normal(2, batch * width), expected = new double[x.Length];
            using var run = new OpRun();
            run.Back(LastPosition.Take(run.Tape, run.Input(shape, x)), dy);
            for (int b = 0; b < batch; b++)
            {
                int last = (((b + 1) * length) - 1) * width;
                Assert.Equal(x[last..(last + width)], run.Output[(b * width)..((b + 1) * width)]);
                dy.AsSpan(b * width, width).CopyTo(expected.AsSpan(last));
            }

            Assert.Equal(expected, run.Gradient(0));
        }
    }

    [Fact]
    public void It_adds_to_a_gradient_that_is_there()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 2, 1), [3, 4]);
        Tensor y = LastPosition.Take(run.Tape, x);
        run.Back(Residual.Add(run.Tape, LastPosition.Take(run.Tape, x), y), [5]);
        Assert.Equal([8.0], run.Output);
        Assert.Equal([0.0, 10], run.Gradient(0));
    }

    [Fact]
    public void A_matrix_is_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(3, 2), new double[6]);
        Assert.Contains("[3, 2]", Assert.Throws<ShapeException>(() => LastPosition.Take(run.Tape, x)).Message, StringComparison.Ordinal);
    }
}
