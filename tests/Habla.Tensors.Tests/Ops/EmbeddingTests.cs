using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class EmbeddingTests
{
    [Fact]
    public void Looks_up_and_gathers_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(3, 4, 5, 6))
        {
            (int batch, int length, int vocabulary, int width) = (size[0], size[1], size[2], size[3]);
            int[] ids = [.. Enumerable.Range(0, batch * length).Select(i => i * 7 % vocabulary)];
            double[] table = Numbers.Normal(1, vocabulary * width), dy = Numbers.Normal(2, ids.Length * width);
            using var run = new OpRun();
            run.Back(Embedding.Lookup(run.Tape, run.Input(new Shape(vocabulary, width), table), ids, batch), dy);
            Assert.Equal(ReferenceOps.Embedding(ids, table, width), run.Output);
            double[] expected = ReferenceOps.EmbeddingBackward(dy, ids, vocabulary, width);
            Numbers.AssertClose(expected, run.Gradient(0), 1e-5, 1e-5, $"dtable at {string.Join('×', size)}");
        }
    }

    [Fact]
    public void Its_gradient_is_what_differences_find()
    {
        int[] ids = [2, 0, 2, 1];
        double[] table = Numbers.Normal(1, 12), dy = Numbers.Normal(2, 12);
        using var run = new OpRun();
        run.Back(Embedding.Lookup(run.Tape, run.Input(new Shape(4, 3), table), ids, 2), dy);
        double[] differences = FiniteDifference.Gradient(
            x => ReferenceOps.Embedding(ids, x, 3).Zip(dy, (a, b) => a * b).Sum(), table);
        Numbers.AssertClose(differences, run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void A_table_used_twice_gathers_both_gradients()
    {
        double[] table = Numbers.Normal(1, 6), dy = Numbers.Normal(2, 6);
        using var run = new OpRun();
        Tensor weights = run.Input(new Shape(3, 2), table);
        Tensor first = Embedding.Lookup(run.Tape, weights, [0, 1, 1], 1), second = Embedding.Lookup(run.Tape, weights, [2, 2, 0], 1);
        run.Back(Residual.Add(run.Tape, first, second), dy);
        double[] expected = ReferenceOps.Add(
            ReferenceOps.EmbeddingBackward(dy, [0, 1, 1], 3, 2), ReferenceOps.EmbeddingBackward(dy, [2, 2, 0], 3, 2));
        Numbers.AssertClose(expected, run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void Not_a_number_stays_in_its_row()
    {
        using var run = new OpRun();
        double[] table = [1, double.NaN, 3, double.NegativeInfinity];
        run.Back(Embedding.Lookup(run.Tape, run.Input(new Shape(4, 1), table), [1, 0, 3], 1), [1, 2, 3]);
        Assert.Equal([double.NaN, 1, double.NegativeInfinity], run.Output);
        Assert.Equal([2, 1, 0, 3], run.Gradient(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void An_id_outside_the_table_is_refused(int id)
    {
        using var run = new OpRun();
        Tensor table = run.Input(new Shape(4, 2), new double[8]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Embedding.Lookup(run.Tape, table, [0, id], 1));
        Assert.Throws<ShapeException>(() => Embedding.Lookup(run.Tape, table, [0, 1, 2], 2));
    }
}
