using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class PositionEmbeddingTests
{
    [Fact]
    public void Adds_each_positions_row_and_gathers_over_the_batch_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(2, 3, 5))
        {
            (int batch, int length, int width, int positions) = (size[0], size[1], size[2], size[1] + 2);
            var shape = new Shape(batch, length, width);
            double[] x = Numbers.Normal(1, shape.Count), table = Numbers.Normal(2, positions * width), dy = Numbers.Normal(3, shape.Count);
            int[] ids = [.. Enumerable.Range(0, batch * length).Select(row => row % length)];
            using var run = new OpRun();
            run.Back(PositionEmbedding.Apply(run.Tape, run.Input(shape, x), run.Input(new Shape(positions, width), table)), dy);
            Numbers.AssertClose(ReferenceOps.Add(x, ReferenceOps.Embedding(ids, table, width)), run.Output, 1e-7, 1e-7);
            Assert.Equal(dy, run.Gradient(0));
            double[] expected = ReferenceOps.EmbeddingBackward(dy, ids, positions, width);
            Numbers.AssertClose(expected, run.Gradient(1), 1e-6, 3e-6, $"dtable at {batch}×{length}×{width}");
        }
    }

    [Fact]
    public void Positions_may_begin_later()
    {
        double[] x = Numbers.Normal(1, 2 * 3 * 5), table = Numbers.Normal(2, 7 * 5), dy = Numbers.Normal(3, x.Length);
        int[] ids = [4, 5, 6, 4, 5, 6];
        using var run = new OpRun();
        Tensor input = run.Input(new Shape(2, 3, 5), x), positions = run.Input(new Shape(7, 5), table);
        Assert.Throws<ShapeException>(() => PositionEmbedding.Apply(run.Tape, input, positions, 5));
        run.Back(PositionEmbedding.Apply(run.Tape, input, positions, 4), dy);
        Numbers.AssertClose(ReferenceOps.Add(x, ReferenceOps.Embedding(ids, table, 5)), run.Output, 1e-7, 1e-7);
        Assert.Equal(dy, run.Gradient(0));
        Numbers.AssertClose(ReferenceOps.EmbeddingBackward(dy, ids, 7, 5), run.Gradient(1), 1e-6, 1e-6);
    }

    [Fact]
    public void A_sequence_longer_than_the_table_is_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 4, 2), new double[8]), table = run.Input(new Shape(3, 2), new double[6]);
        Assert.Contains(
            "[3, 2]", Assert.Throws<ShapeException>(() => PositionEmbedding.Apply(run.Tape, x, table)).Message, StringComparison.Ordinal);
    }
}
