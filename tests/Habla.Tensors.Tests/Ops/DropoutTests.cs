using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class DropoutTests
{
    [Fact]
    public void Zeroes_or_stretches_the_same_numbers_forward_and_back_at_every_odd_shape()
    {
        foreach (int[] size in OpRun.Sweep(2, 3, 5))
        {
            var shape = new Shape(size[0], size[1], size[2]);
            bool[] kept = [.. Run(shape, [.. Enumerable.Repeat(1.0, shape.Count)], 0.3f).Output.Select(value => value != 0)];
            double[] x = Numbers.Normal(1, shape.Count), dy = Numbers.Normal(2, shape.Count);
            using OpRun run = Run(shape, x, 0.3f, dy);
            Numbers.AssertClose(ReferenceOps.Dropout(x, kept, 0.3f), run.Output, 1e-6, 0);
            Numbers.AssertClose(ReferenceOps.Dropout(dy, kept, 0.3f), run.Gradient(0), 1e-6, 0);
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void Drops_the_stated_share(float probability)
    {
        var shape = new Shape(4, 25_000);
        using OpRun run = Run(shape, [.. Enumerable.Repeat(1.0, shape.Count)], probability);
        double dropped = run.Output.Count(value => value == 0) / (double)shape.Count;
        Assert.InRange(dropped, probability - 0.006, probability + 0.006); // four standard deviations
    }

    [Fact]
    public void A_sample_is_masked_alike_in_whichever_micro_batch_it_is()
    {
        double[] ones = [.. Enumerable.Repeat(1.0, 4 * 70)];
        using OpRun whole = Run(new Shape(4, 70), ones, 0.5f), late = Run(new Shape(2, 70), ones[140..], 0.5f, firstSample: 2);
        Assert.Equal(whole.Output[140..], late.Output);
        Assert.NotEqual(whole.Output[..70], whole.Output[70..140]);
    }

    [Fact]
    public void Places_steps_and_seeds_have_masks_of_their_own()
    {
        var shape = new Shape(1, 100);
        double[] Mask(ulong seed, uint step, bool second)
        {
            using var run = new OpRun();
            run.Tape.Dropout = new DropoutSource(seed, step, 0);
            Tensor ones = run.Input(shape, [.. Enumerable.Repeat(1.0, 100)]);
            Tensor first = Dropout.Apply(run.Tape, ones, 0.5f);
            return Numbers.Widened((second ? Dropout.Apply(run.Tape, ones, 0.5f) : first).Data);
        }

        double[][] masks = [Mask(1, 0, false), Mask(1, 0, true), Mask(1, 1, false), Mask(2, 0, false)];
        Assert.Equal(masks[0], Mask(1, 0, false));
        Assert.Equal(4, masks.Select(mask => string.Concat(mask)).Distinct().Count());
    }

    [Fact]
    public void Does_nothing_without_a_source_or_a_probability()
    {
        using var run = new OpRun();
        Tensor x = run.Input(new Shape(1, 3), [1, double.NaN, 3]);
        Assert.Same(x, Dropout.Apply(run.Tape, x, 0.5f));
        run.Tape.Dropout = new DropoutSource(1, 1, 0);
        Assert.Same(x, Dropout.Apply(run.Tape, x, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout.Apply(run.Tape, x, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout.Apply(run.Tape, x, float.NaN));
    }

    private static OpRun Run(Shape shape, double[] x, float probability, double[]? dy = null, int firstSample = 0)
    {
        var run = new OpRun();
        run.Tape.Dropout = new DropoutSource(seed: 5, step: 2, firstSample);
        return run.Back(Dropout.Apply(run.Tape, run.Input(shape, x), probability), dy ?? new double[shape.Count]);
    }
}
