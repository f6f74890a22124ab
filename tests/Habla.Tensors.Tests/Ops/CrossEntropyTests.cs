using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Ops;

public class CrossEntropyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agrees_at_every_odd_shape(bool masked)
    {
        foreach (int[] size in OpRun.Sweep(4, 5))
        {
            (int rows, int classes) = (size[0], size[1]);
            double[] logits = Numbers.Normal(1, rows * classes, deviation: 3);
            int[] targets = [.. Enumerable.Range(0, rows).Select(r => r * 7 % classes)];
            bool[]? counts = masked ? [.. Enumerable.Range(0, rows).Select(r => r % 3 != 1)] : null;
            using OpRun run = Run(logits, targets, counts, classes);
            string at = $" at {rows}×{classes}";
            Numbers.AssertClose([ReferenceOps.CrossEntropy(logits, targets, counts, classes)], run.Output, 2e-6, 1e-6, "loss" + at);
            Numbers.AssertClose(
                ReferenceOps.CrossEntropyBackward(1, logits, targets, counts, classes), run.Gradient(0), 1e-5, 1e-6, "dlogits" + at);
        }
    }

    [Fact]
    public void Its_gradient_is_what_differences_find()
    {
        double[] logits = Numbers.Normal(1, 12, deviation: 2);
        int[] targets = [3, 0, 2];
        bool[] counts = [true, false, true];
        using OpRun run = Run(logits, targets, counts, 4);
        double[] differences = FiniteDifference.Gradient(x => ReferenceOps.CrossEntropy(x, targets, counts, 4), logits);
        Numbers.AssertClose(differences, run.Gradient(0), 1e-5, 1e-6);
        Assert.All(run.Gradient(0)[4..8], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.9)]
    public void With_smoothing_loss_and_gradient_agree_and_differences_find_the_gradient(double smoothing)
    {
        foreach (int[] size in OpRun.Sweep(4, 5))
        {
            (int rows, int classes) = (size[0], size[1]);
            double[] logits = Numbers.Normal(1, rows * classes, deviation: 3);
            int[] targets = [.. Enumerable.Range(0, rows).Select(r => r * 7 % classes)];
            bool[] counts = [.. Enumerable.Range(0, rows).Select(r => r % 3 != 1)];
            using OpRun run = Run(logits, targets, counts, classes, smoothing: smoothing);
            string at = $" at {rows}×{classes}";
            double expected = ReferenceOps.CrossEntropy(logits, targets, counts, classes, smoothing: smoothing);
            double[] gradient = ReferenceOps.CrossEntropyBackward(1, logits, targets, counts, classes, smoothing: smoothing);
            Numbers.AssertClose([expected], run.Output, 2e-6, 1e-6, "loss" + at);
            Numbers.AssertClose(gradient, run.Gradient(0), 1e-5, 1e-6, "dlogits" + at);
            if (rows * classes <= 40)
            {
                Numbers.AssertClose(
                    FiniteDifference.Gradient(x => ReferenceOps.CrossEntropy(x, targets, counts, classes, smoothing: smoothing), logits),
                    run.Gradient(0), 1e-5, 1e-6, "differences" + at);
            }
        }
    }

    /// <summary>softmax(ln [½, ¼, ¼]) is itself: 0.7·ln 2 + 0.3·(ln 2 + 2·ln 4)/3 for the first target, and p − 0.7·onehot − 0.1.</summary>
    [Fact]
    public void Smoothing_by_hand()
    {
        double[] logits = [Math.Log(0.5), Math.Log(0.25), Math.Log(0.25)];
        using OpRun run = Run(logits, [0], null, 3, smoothing: 0.3);
        Assert.Equal((0.7 * Math.Log(2)) + (0.1 * (Math.Log(2) + (2 * Math.Log(4)))), run.Output[0], 1e-6);
        Numbers.AssertClose([0.5 - 0.8, 0.25 - 0.1, 0.25 - 0.1], run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void Large_logits_are_smoothed_without_losing_their_differences()
    {
        using OpRun run = Run([1e6, 1e6 - 1, 1e6 + 2], [0], null, 3, smoothing: 0.5);
        double expected = ReferenceOps.CrossEntropy([0, -1, 2], [0], null, 3, smoothing: 0.5);
        Assert.Equal(expected, run.Output[0], 0.2); // a float near a million has sixteenths
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_smoothing_that_is_no_share_is_refused(double smoothing) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(new double[6], [0, 1], null, 3, smoothing: smoothing));

    [Fact]
    public void The_losses_of_parts_with_the_whole_divisor_add_up_to_the_mean()
    {
        double[] logits = Numbers.Normal(1, 20);
        int[] targets = [1, 2, 3, 4];
        using OpRun whole = Run(logits, targets, null, 5), first = Run(logits[..10], targets[..2], null, 5, divisor: 4);
        using OpRun second = Run(logits[10..], targets[2..], null, 5, divisor: 4);
        Assert.Equal(whole.Output[0], first.Output[0] + second.Output[0], 1e-6);
        Numbers.AssertClose(whole.Gradient(0), [.. first.Gradient(0), .. second.Gradient(0)], 1e-6, 1e-7);
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        using OpRun run = Run([1000, 999, 0, -1000, 0, 3e38], [0, 1], null, 3);
        Numbers.AssertClose([(Math.Log(1 + Math.Exp(-1)) + 3e38) / 2], run.Output, 1e-5, 0);
        double share = 1 / (1 + Math.Exp(-1));
        Numbers.AssertClose([(share - 1) / 2, (1 - share) / 2, 0, 0, -0.5, 0.5], run.Gradient(0), 1e-4, 1e-4);
    }

    [Fact]
    public void A_class_that_is_ruled_out_has_no_share()
    {
        using OpRun run = Run([double.NegativeInfinity, 0, 0], [1], null, 3);
        Assert.Equal(Math.Log(2), run.Output[0], 1e-6);
        Numbers.AssertClose([0, -0.5, 0.5], run.Gradient(0), 1e-6, 1e-6);
    }

    [Fact]
    public void With_no_target_that_counts_loss_and_gradient_are_zero()
    {
        using OpRun run = Run(Numbers.Normal(1, 6), [-1, 99], [false, false], 3);
        Assert.Equal([0], run.Output);
        Assert.All(run.Gradient(0), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Not_a_number_reaches_the_loss_unless_its_row_does_not_count()
    {
        double[] logits = [1, double.NaN, 3, 1, 2, 3];
        using OpRun counted = Run(logits, [0, 1], null, 3), masked = Run(logits, [0, 1], [false, true], 3);
        Assert.Equal(double.NaN, counted.Output[0]);
        Assert.All(counted.Gradient(0)[..3], value => Assert.Equal(double.NaN, value));
        Assert.True(double.IsFinite(masked.Output[0]));
        Assert.All(masked.Gradient(0), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void A_target_outside_the_classes_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(new double[6], [0, 3], null, 3));
        Assert.Throws<ShapeException>(() => Run(new double[6], [0, 1], [true], 3));
    }

    private static OpRun Run(double[] logits, int[] targets, bool[]? counts, int classes, double divisor = 0, double smoothing = 0)
    {
        var run = new OpRun();
        Tensor input = run.Input(new Shape(targets.Length, classes), logits);
        return run.Back(CrossEntropy.Apply(run.Tape, input, targets, counts, divisor, smoothing), [1]);
    }
}
