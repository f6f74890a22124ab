using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class CausalAttentionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agrees_at_every_odd_shape(bool masked)
    {
        foreach (int[] size in OpRun.Sweep(2, 5, 2, 3).Concat([[1, 130, 1, 2]]))
        {
            Check(size[0], size[1], size[2], size[3], masked);
        }
    }

    [Fact]
    public void Its_gradients_are_what_differences_find()
    {
        const int batch = 2, length = 3, heads = 2, headSize = 2, width = heads * headSize;
        double[] x = Numbers.Normal(1, batch * length * 3 * width), dy = Numbers.Normal(2, batch * length * width);
        bool[] visible = [true, false, true, false, true, true];
        using OpRun run = Run(x, dy, visible, batch, length, heads, headSize);
        double Loss(double[] p)
        {
            (double[] q, double[] k, double[] v) = QueryKeyValue.Split(p, width);
            return ReferenceOps.Attention(q, k, v, visible, batch, length, width, heads).Zip(dy, (y, d) => y * d).Sum();
        }

        Numbers.AssertClose(FiniteDifference.Gradient(Loss, x), run.Gradient(0), 1e-5, 1e-6);
    }

    [Fact]
    public void Dropout_drops_weights_after_the_softmax_forward_and_back()
    {
        const int batch = 2, length = 5, heads = 2, headSize = 6, width = heads * headSize;
        const float probability = 0.4f;
        double[] factors = DropoutFactors(batch, length, heads, headSize, probability);
        Assert.Contains(0.0, factors);
        double[] x = Numbers.Normal(1, batch * length * 3 * width), dy = Numbers.Normal(2, batch * length * width);
        using OpRun run = Run(x, dy, null, batch, length, heads, headSize, probability);
        (double[] q, double[] k, double[] v) = QueryKeyValue.Split(x, width);
        Numbers.AssertClose(ReferenceOps.Attention(q, k, v, null, batch, length, width, heads, factors), run.Output, 1e-5, 2e-6, "y");
        var gradients = ReferenceOps.AttentionBackward(dy, q, k, v, null, batch, length, width, heads, factors);
        Numbers.AssertClose(QueryKeyValue.Join(gradients.Q, gradients.K, gradients.V, width), run.Gradient(0), 1e-5, 5e-6, "dx");
    }

    [Fact]
    public void A_query_that_sees_no_key_gives_zeros_and_no_gradient()
    {
        double[] x = Numbers.Normal(1, 3 * 12), dy = Numbers.Normal(2, 12);
        using OpRun run = Run(x, dy, [false, false, true], 1, 3, 2, 2);
        Assert.All(run.Output[..8], value => Assert.Equal(0, value));
        Assert.Equal(QueryKeyValue.Split(x, 4).V[8..].Select(v => (double)(float)v), run.Output[8..]);
        (double[] q, double[] k, double[] v) = QueryKeyValue.Split(run.Gradient(0), 4);
        Assert.All(q, value => Assert.Equal(0, value, 1e-6));
        Assert.All(k, value => Assert.Equal(0, value, 1e-6));
        Assert.Equal([.. new double[8], .. dy[8..]], v);
    }

    [Fact]
    public void Everything_masked_gives_zeros_everywhere()
    {
        using OpRun run = Run(Numbers.Normal(1, 3 * 12), Numbers.Normal(2, 12), new bool[3], 1, 3, 2, 2);
        Assert.All(run.Output, value => Assert.Equal(0, value));
        Assert.All(run.Gradient(0), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        // One head of one number: the scores of the last query are 1000·[1, 0.999, 0].
        double[] q = [0, 0, 1000], k = [1, 0.999f, 0], v = [1, 2, 3], dy = [0, 0, 1];
        using OpRun run = Run(QueryKeyValue.Join(q, k, v, 1), dy, null, 1, 3, 1, 1);
        Numbers.AssertClose(ReferenceOps.Attention(q, k, v, null, 1, 3, 1, 1), run.Output, 1e-4, 1e-4);
        Assert.All(run.Gradient(0), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void The_future_and_padding_change_nothing_not_even_a_bit()
    {
        const int length = 70, width = 4;
        double[] x = Numbers.Normal(1, length * 3 * width), dy = Numbers.Normal(2, length * width);
        bool[] visible = [.. Enumerable.Range(0, length).Select(t => t is not (3 or 40))];
        double[] changed = [.. x];
        for (int c = 0; c < 3 * width; c++)
        {
            changed[(69 * 3 * width) + c] += 1; // the last token
            changed[(3 * 3 * width) + c] = c < width ? changed[(3 * 3 * width) + c] : 50; // key and value of a hidden one
        }

        using OpRun run = Run(x, dy, visible, 1, length, 2, 2), other = Run(changed, dy, visible, 1, length, 2, 2);
        Assert.Equal(run.Output[..(69 * width)], other.Output[..(69 * width)]);
        Assert.NotEqual(run.Output[(69 * width)..], other.Output[(69 * width)..]);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(7)]
    public void Documents_in_one_row_are_as_each_alone(int firstLength)
    {
        const int length = 80, heads = 2, headSize = 4, width = heads * headSize;
        double[] x = Numbers.Normal(1, length * 3 * width), dy = Numbers.Normal(2, length * width);
        int[] firstKeys = [.. Enumerable.Range(0, length).Select(t => t < firstLength ? 0 : firstLength)];
        using var together = new OpRun();
        Tensor input = together.Input(new Shape(1, length, 3 * width), x);
        together.Back(CausalAttention.Apply(together.Tape, input, heads, new AttentionMask(default, firstKeys)), dy);
        foreach ((int first, int count) in ((int, int)[])[(0, firstLength), (firstLength, length - firstLength)])
        {
            using OpRun alone = Run(
                x[(first * 3 * width)..((first + count) * 3 * width)], dy[(first * width)..((first + count) * width)], null, 1, count,
                heads, headSize);
            Numbers.AssertClose(alone.Output, together.Output[(first * width)..((first + count) * width)], 1e-6, 1e-6, "y");
            Numbers.AssertClose(
                alone.Gradient(0), together.Gradient(0)[(first * 3 * width)..((first + count) * 3 * width)], 1e-5, 2e-6, "dx");
        }
    }

    [Fact]
    public void Another_document_changes_nothing_not_even_a_bit()
    {
        const int length = 70, width = 4;
        double[] x = Numbers.Normal(1, length * 3 * width), dy = Numbers.Normal(2, length * width);
        int[] firstKeys = [.. Enumerable.Range(0, length).Select(t => t < 21 ? 0 : 21)];
        double[] changed = [.. x.Select((value, i) => i < 21 * 3 * width ? value + 1 : value)];
        double[][] outputs = [.. ((double[][])[x, changed]).Select(numbers =>
        {
            using var run = new OpRun();
            Tensor input = run.Input(new Shape(1, length, 3 * width), numbers);
            run.Back(CausalAttention.Apply(run.Tape, input, 2, new AttentionMask(default, firstKeys)), dy);
            return (double[])[.. run.Output[(21 * width)..], .. run.Gradient(0)[(21 * 3 * width)..]];
        })];
        Assert.Equal(outputs[0], outputs[1]);
    }

    [Fact]
    public void Not_a_number_in_a_query_stays_in_that_query()
    {
        double[] x = Numbers.Normal(1, 3 * 6);
        x[6] = double.NaN; // the query of position 1
        using OpRun run = Run(x, Numbers.Normal(2, 6), null, 1, 3, 1, 2);
        Assert.All(run.Output[2..4], value => Assert.Equal(double.NaN, value));
        Assert.All(run.Output[..2].Concat(run.Output[4..]), value => Assert.True(double.IsFinite(value)));
        Assert.Contains(double.NaN, run.Gradient(0));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 2, 12), new double[24]);
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 3));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 2, new[] { true }));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 2, new AttentionMask(default, [0])));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 2, new AttentionMask(default, [0, 2])));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(run.Tape, x, 2, new AttentionMask(default, [-1, 0])));
        Assert.Throws<ArgumentOutOfRangeException>(() => CausalAttention.Apply(run.Tape, x, 2, dropout: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CausalAttention.Apply(run.Tape, x, 0));
    }

    private static void Check(int batch, int length, int heads, int headSize, bool masked)
    {
        int width = heads * headSize;
        double[] x = Numbers.Normal(1, batch * length * 3 * width), dy = Numbers.Normal(2, batch * length * width);
        bool[]? visible = masked ? [.. Numbers.Normal(3, batch * length).Select(value => value > -0.5)] : null;
        string at = $" at {batch}×{length}×{heads}×{headSize}";
        using OpRun run = Run(x, dy, visible, batch, length, heads, headSize);
        (double[] q, double[] k, double[] v) = QueryKeyValue.Split(x, width);
        Numbers.AssertClose(ReferenceOps.Attention(q, k, v, visible, batch, length, width, heads), run.Output, 1e-5, 3e-6, "y" + at);
        var gradients = ReferenceOps.AttentionBackward(dy, q, k, v, visible, batch, length, width, heads);
        Numbers.AssertClose(
            QueryKeyValue.Join(gradients.Q, gradients.K, gradients.V, width), run.Gradient(0), 1e-5, 2e-5, "dx" + at);
    }

    /// <summary>
    /// What the engine multiplies each weight by, read off its own output: equal scores make every weight 1/(t + 1), and values
    /// that are 1 at their own position show the factor of each.
    /// </summary>
    private static double[] DropoutFactors(int batch, int length, int heads, int headSize, float probability)
    {
        int width = heads * headSize;
        double[] zeros = new double[batch * length * width];
        double[] v = [.. zeros.Select((_, i) => i % headSize == i / width % length ? 1.0 : 0.0)];
        using OpRun run = Run(QueryKeyValue.Join(zeros, zeros, v, width), zeros, null, batch, length, heads, headSize, probability);
        double[] factors = new double[batch * heads * length * length];
        for (int i = 0; i < factors.Length; i++)
        {
            int s = i % length, t = i / length % length, head = i / (length * length) % heads, b = i / (length * length * heads);
            double shown = s <= t ? (t + 1) * run.Output[(((b * length) + t) * width) + (head * headSize) + s] : 0;
            factors[i] = shown > 0.5 ? Twin.DropoutScale(probability) : 0;
            Assert.Equal(factors[i], shown, 1e-5);
        }

        return factors;
    }

    private static OpRun Run(
        double[] x, double[] dy, bool[]? visible, int batch, int length, int heads, int headSize, float dropout = 0)
    {
        var run = new OpRun();
        run.Tape.Dropout = new DropoutSource(seed: 11, step: 3, firstSample: 0);
        Tensor input = run.Input(new Shape(batch, length, 3 * heads * headSize), x);
        return run.Back(CausalAttention.Apply(run.Tape, input, heads, visible, dropout), dy);
    }
}
