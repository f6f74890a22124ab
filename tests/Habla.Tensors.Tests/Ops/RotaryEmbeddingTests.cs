using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class RotaryEmbeddingTests
{
    [Fact]
    public void Turns_queries_and_keys_and_leaves_values_at_every_odd_shape()
    {
        // The last size counts pairs: a head has twice as many numbers.
        foreach (int[] size in OpRun.Sweep(2, 3, 2, 3))
        {
            (int batch, int length, int heads, int headSize) = (size[0], size[1], size[2], 2 * size[3]);
            Check(batch, length, heads, headSize);
        }
    }

    [Fact]
    public void Its_gradient_is_what_differences_find()
    {
        const int length = 4, headSize = 4;
        double[] x = Numbers.Normal(1, length * 3 * headSize), dy = Numbers.Normal(2, x.Length);
        using OpRun run = Run(x, dy, 1, length, 1, headSize);
        double Loss(double[] p) => Turned(p, 1, length, 1, headSize).Zip(dy, (y, d) => y * d).Sum();
        Numbers.AssertClose(FiniteDifference.Gradient(Loss, x), run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void Late_positions_are_turned_as_exactly_as_early_ones()
    {
        const int length = 2048, headSize = 4;
        double[] x = Numbers.Normal(1, length * 3 * headSize);
        using OpRun run = Run(x, x, 1, length, 1, headSize);
        Numbers.AssertClose(Turned(x, 1, length, 1, headSize), run.Output, 1e-6, 1e-6);
    }

    [Fact]
    public void Positions_may_begin_later_forward_and_back()
    {
        const int length = 9, first = 4, heads = 2, headSize = 6, row = 3 * heads * headSize;
        double[] x = Numbers.Normal(1, length * row), dy = Numbers.Normal(2, length * row);
        using OpRun all = Run(x, dy, 1, length, heads, headSize);
        using OpRun late = Run(x[(first * row)..], dy[(first * row)..], 1, length - first, heads, headSize, first);
        Assert.Equal(all.Output[(first * row)..], late.Output);
        Assert.Equal(all.Gradient(0)[(first * row)..], late.Gradient(0));
        using var run = new OpRun();
        Tensor input = run.Input(new Shape(1, 3, 12), new double[36]);
        Assert.Throws<ShapeException>(() => RotaryEmbedding.Apply(run.Tape, input, new RotaryTable(4, 4), firstPosition: 2));
    }

    [Fact]
    public void Scaling_slows_what_turns_seldom_and_leaves_the_rest()
    {
        var scaling = new RotaryScaling(Factor: 8, LowFrequencyFactor: 1, HighFrequencyFactor: 4, OriginalContext: 100);
        double once = 2 * Math.PI / 100; // a turn in the first context
        Assert.Equal(5 * once, scaling.Scaled(5 * once));
        Assert.Equal(0.9 * once / 8, scaling.Scaled(0.9 * once), 1e-15);
        Assert.Equal(2.5 * once * (0.5 + (0.5 / 8)), scaling.Scaled(2.5 * once), 1e-15); // half way between
        Assert.Equal(0.1, RotaryScaling.None.Scaled(0.1));
    }

    [Fact]
    public void Not_a_number_stays_in_its_pair()
    {
        double[] x = [1, 2, double.NaN, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        using OpRun run = Run(x, new double[12], 1, 1, 1, 4);
        Assert.Equal([double.NaN, 2, double.NaN, 4, 5, 6, 7, 8, 9, 10, 11, 12], run.Output);
    }

    [Fact]
    public void Odd_heads_and_short_tables_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RotaryTable(4, 3));
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 5, 12), new double[60]);
        Assert.Contains("[4, 4]", Assert.Throws<ShapeException>(() =>
            RotaryEmbedding.Apply(run.Tape, x, new RotaryTable(4, 4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_operation_has_read_is_not_turned()
    {
        using var set = new ParameterSet();
        using var tape = new Tape(set);
        Tensor x = tape.Create(new Shape(1, 2, 6), new float[12]);
        CausalAttention.Apply(tape, x, 1);
        Assert.Throws<ArgumentException>("queryKeyValue", () => RotaryEmbedding.Apply(tape, x, new RotaryTable(2, 2)));
    }

    private static void Check(int batch, int length, int heads, int headSize)
    {
        double[] x = Numbers.Normal(1, batch * length * 3 * heads * headSize), dy = Numbers.Normal(2, x.Length);
        string at = $" at {batch}×{length}×{heads}×{headSize}";
        using OpRun run = Run(x, dy, batch, length, heads, headSize);
        Numbers.AssertClose(Turned(x, batch, length, heads, headSize), run.Output, 1e-6, 1e-6, "y" + at);
        Numbers.AssertClose(Turned(dy, batch, length, heads, headSize, back: true), run.Gradient(0), 1e-6, 1e-6, "dx" + at);
    }

    private static double[] Turned(double[] x, int batch, int length, int heads, int headSize, bool back = false)
    {
        int width = heads * headSize;
        (double[] q, double[] k, double[] v) = QueryKeyValue.Split(x, width);
        Func<double[], double[]> turn = back
            ? part => ReferenceOps.RotaryBackward(part, batch, length, width, heads)
            : part => ReferenceOps.Rotary(part, batch, length, width, heads);
        return QueryKeyValue.Join(turn(q), turn(k), v, width);
    }

    private static OpRun Run(double[] x, double[] dy, int batch, int length, int heads, int headSize, int first = 0)
    {
        // The operation works in place, so an addition stands between it and the input, as a linear map does in the model.
        var run = new OpRun();
        var shape = new Shape(batch, length, 3 * heads * headSize);
        Tensor copy = Residual.Add(run.Tape, run.Input(shape, x), run.Tape.Create(shape, new float[shape.Count]));
        return run.Back(RotaryEmbedding.Apply(run.Tape, copy, new RotaryTable(first + length, headSize), firstPosition: first), dy);
    }
}
