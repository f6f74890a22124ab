using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

/// <summary>
/// Fewer heads of keys and values than of queries: the same as if each stood once for every head that shares it, and its gradient the
/// sum of those.
/// </summary>
public class GroupedQueryAttentionTests
{
    [Theory]
    [InlineData(2, 5, 4, 2, 6, 0)]
    [InlineData(1, 70, 6, 3, 4, 0)]
    [InlineData(2, 9, 3, 1, 8, 0)]
    [InlineData(2, 37, 4, 2, 18, 0.3f)]
    public void Agrees_with_keys_and_values_written_out(
        int batch, int length, int heads, int keyValueHeads, int headSize, float dropout)
    {
        int width = heads * headSize, shared = keyValueHeads * headSize, rows = batch * length;
        double[] q = Numbers.Normal(1, rows * width), k = Numbers.Normal(2, rows * shared), v = Numbers.Normal(3, rows * shared);
        double[] dy = Numbers.Normal(4, rows * width);
        double[] wideKeys = WrittenOut(k, heads, keyValueHeads, headSize), wideValues = WrittenOut(v, heads, keyValueHeads, headSize);
        bool[] visible = [.. Numbers.Normal(5, rows).Select(value => value > -0.8)];

        using OpRun grouped = Run([q, k, v], dy, visible, batch, length, heads, keyValueHeads, dropout);
        using OpRun plain = Run([q, wideKeys, wideValues], dy, visible, batch, length, heads, heads, dropout);
        Assert.Equal(plain.Output, grouped.Output);
        double[][] parts = Split(plain.Gradient(0), [width, width, width]);
        double[] expected = Join(
            [parts[0], Summed(parts[1], heads, keyValueHeads, headSize), Summed(parts[2], heads, keyValueHeads, headSize)], rows);
        Numbers.AssertClose(expected, grouped.Gradient(0), 1e-5, 1e-5, "dx");

        if (dropout == 0)
        {
            Numbers.AssertClose(
                ReferenceOps.Attention(q, wideKeys, wideValues, visible, batch, length, width, heads), grouped.Output, 1e-5, 3e-6, "y");
        }
    }

    [Fact]
    public void Its_gradients_are_what_differences_find()
    {
        const int length = 3, heads = 4, keyValueHeads = 2, headSize = 2, width = heads * headSize, shared = keyValueHeads * headSize;
        double[] x = Numbers.Normal(1, length * (width + (2 * shared))), dy = Numbers.Normal(2, length * width);
        double Loss(double[] p)
        {
            double[][] parts = Split(p, [width, shared, shared]);
            double[] k = WrittenOut(parts[1], heads, keyValueHeads, headSize), v = WrittenOut(parts[2], heads, keyValueHeads, headSize);
            return ReferenceOps.Attention(parts[0], k, v, null, 1, length, width, heads).Zip(dy, (y, d) => y * d).Sum();
        }

        using OpRun run = Run(Split(x, [width, shared, shared]), dy, null, 1, length, heads, keyValueHeads, 0);
        Numbers.AssertClose(FiniteDifference.Gradient(Loss, x), run.Gradient(0), 1e-5, 1e-6);
    }

    [Fact]
    public void Rotary_positions_turn_queries_and_the_fewer_keys()
    {
        const int length = 5, headSize = 6, heads = 4, keyValueHeads = 2, width = heads * headSize, shared = keyValueHeads * headSize;
        double[] q = Numbers.Normal(1, length * width), k = Numbers.Normal(2, length * shared), v = Numbers.Normal(3, length * shared);
        using var run = new OpRun();
        var shape = new Shape(1, length, width + (2 * shared));
        Tensor input = run.Input(shape, Join([q, k, v], length));
        Tensor copy = Residual.Add(run.Tape, input, run.Tape.Create(shape, new float[shape.Count]));
        run.Back(RotaryEmbedding.Apply(run.Tape, copy, new RotaryTable(length, headSize), keyValueHeads), Join([q, k, v], length));
        double[] turnedKeys = ReferenceOps.Rotary(k, 1, length, shared, keyValueHeads);
        double[] expected = Join([ReferenceOps.Rotary(q, 1, length, width, heads), turnedKeys, v], length);
        Numbers.AssertClose(expected, run.Output, 1e-6, 1e-6);
        double[] back = Join(
            [ReferenceOps.RotaryBackward(q, 1, length, width, heads), ReferenceOps.RotaryBackward(k, 1, length, shared, keyValueHeads), v],
            length);
        Numbers.AssertClose(back, run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 2, 16), new double[32]);
        Assert.Equal([1, 2, 8], Sizes(CausalAttention.Apply(run.Tape, x, 4, keyValueHeadCount: 2))); // (4 + 2·2) heads of 2
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 4, keyValueHeadCount: 3));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 4, keyValueHeadCount: 8));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 4)); // 16 is not 3 × 4 heads
        Assert.Throws<ArgumentOutOfRangeException>(() => CausalAttention.Apply(run.Tape, x, 4, keyValueHeadCount: -1));

        Tensor fresh = run.Tape.Create(new Shape(1, 2, 16), new float[32]);
        Assert.Throws<ShapeException>(() => RotaryEmbedding.Apply(run.Tape, fresh, new RotaryTable(2, 2), 4)); // no room for queries
        Assert.Throws<ShapeException>(() => RotaryEmbedding.Apply(run.Tape, fresh, new RotaryTable(2, 6), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RotaryEmbedding.Apply(run.Tape, fresh, new RotaryTable(2, 2), -1));
    }

    private static int[] Sizes(Tensor tensor) => [tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]];

    private static OpRun Run(
        double[][] parts, double[] dy, bool[]? visible, int batch, int length, int heads, int keyValueHeads, float dropout)
    {
        var run = new OpRun();
        run.Tape.Dropout = new DropoutSource(seed: 11, step: 3, firstSample: 0);
        int columns = parts.Sum(part => part.Length) / (batch * length);
        Tensor input = run.Input(new Shape(batch, length, columns), Join(parts, batch * length));
        return run.Back(CausalAttention.Apply(run.Tape, input, heads, visible, dropout, keyValueHeads), dy);
    }

    /// <summary>Matrices with as many rows, side by side.</summary>
    private static double[] Join(double[][] parts, int rows) =>
        [.. Enumerable.Range(0, rows).SelectMany(row => parts.SelectMany(part =>
            part.Skip(row * (part.Length / rows)).Take(part.Length / rows)))];

    private static double[][] Split(double[] joined, int[] widths)
    {
        int columns = widths.Sum();
        return [.. widths.Select((width, part) =>
        {
            int first = widths[..part].Sum();
            return joined.Where((_, i) => i % columns >= first && i % columns < first + width).ToArray();
        })];
    }

    /// <summary>Each head of keys or values once for every head of queries that shares it.</summary>
    private static double[] WrittenOut(double[] x, int heads, int keyValueHeads, int headSize)
    {
        int shared = keyValueHeads * headSize, group = heads / keyValueHeads;
        return [.. Enumerable.Range(0, x.Length * group).Select(i =>
        {
            int row = i / (heads * headSize), head = i / headSize % heads;
            return x[(row * shared) + (head / group * headSize) + (i % headSize)];
        })];
    }

    /// <summary>The way back of that: the sum over the heads that share.</summary>
    private static double[] Summed(double[] x, int heads, int keyValueHeads, int headSize)
    {
        int group = heads / keyValueHeads;
        double[] sums = new double[x.Length / group];
        for (int i = 0; i < x.Length; i++)
        {
            int row = i / (heads * headSize), head = i / headSize % heads;
            sums[(row * keyValueHeads * headSize) + (head / group * headSize) + (i % headSize)] += x[i];
        }

        return sums;
    }
}
