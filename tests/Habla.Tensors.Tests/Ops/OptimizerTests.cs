using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>
/// What happens to gradients after the backward pass: <see cref="GradientSum"/>, <see cref="GradientNorm"/>, <see cref="AdamWUpdate"/>.
/// </summary>
public class OptimizerTests
{
    [Fact]
    public void AdamW_agrees_over_several_steps_at_every_odd_size()
    {
        foreach (int size in OpRun.OddSizes)
        {
            using var set = new ParameterSet();
            set.Add("weight", new Shape(1, size), ParameterKind.Weight);
            set.Add("bias", new Shape(size), ParameterKind.Bias);
            set.Add("gain", new Shape(size), ParameterKind.Gain);
            using ParameterBuffer gradients = set.CreateBuffer(), first = set.CreateBuffer(), second = set.CreateBuffer();
            double[][] values = [Numbers.Normal(1, size), Numbers.Normal(2, size), Numbers.Normal(3, size)];
            double[][] means = [new double[size], new double[size], new double[size]], squares = [.. means.Select(m => new double[size])];
            for (int p = 0; p < 3; p++)
            {
                Numbers.Singles(values[p]).CopyTo(set.Data(set.Parameters[p]));
            }

            for (int step = 1; step <= 3; step++)
            {
                for (int p = 0; p < 3; p++)
                {
                    double[] gradient = Numbers.Normal((10 * step) + p, size);
                    Numbers.Singles(gradient).CopyTo(gradients.Data(set.Parameters[p]));
                    double[] clipped = [.. gradient.Select(value => 0.25 * value)];
                    ReferenceOps.AdamW(values[p], clipped, means[p], squares[p], step, 0.01, 0.9, 0.95, 1e-8, p == 0 ? 0.1 : 0);
                }

                AdamWUpdate.Apply(
                    set, gradients, first, second, new AdamWStep(0.01, 0.9, 0.95, 1e-8, 0.1, step, 0.25), WorkerPool.Serial);
                for (int p = 0; p < 3; p++)
                {
                    Parameter parameter = set.Parameters[p];
                    string at = $"{parameter.Name} of {size} after step {step}";
                    Numbers.AssertClose(values[p], Numbers.Widened(set.Data(parameter)), 1e-6, 1e-6, at);
                    Numbers.AssertClose(means[p], Numbers.Widened(first.Data(parameter)), 1e-6, 1e-7, "first moment, " + at);
                    Numbers.AssertClose(squares[p], Numbers.Widened(second.Data(parameter)), 1e-6, 1e-7, "second moment, " + at);
                }
            }
        }
    }

    [Fact]
    public void A_gradient_of_zero_leaves_a_bias_and_only_decays_a_weight()
    {
        using var set = new ParameterSet();
        set.Add("weight", new Shape(1, 1), ParameterKind.Weight);
        set.Add("bias", new Shape(1), ParameterKind.Bias);
        using ParameterBuffer gradients = set.CreateBuffer(), first = set.CreateBuffer(), second = set.CreateBuffer();
        set.Data(set["weight"])[0] = 2;
        set.Data(set["bias"])[0] = 2;
        AdamWUpdate.Apply(set, gradients, first, second, new AdamWStep(0.5, 0.9, 0.95, 1e-8, 0.1, 1, 1), WorkerPool.Serial);
        Assert.Equal(1.9f, set.Data(set["weight"])[0], 1e-6f);
        Assert.Equal(2f, set.Data(set["bias"])[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(65)]
    [InlineData(40_000)]
    public void The_norm_agrees(int size)
    {
        using var set = new ParameterSet();
        set.Add("a", new Shape(size), ParameterKind.Bias);
        set.Add("b", new Shape(3), ParameterKind.Bias);
        using ParameterBuffer gradients = set.CreateBuffer();
        double[] a = Numbers.Normal(1, size), b = [3, 4, 12];
        Numbers.Singles(a).CopyTo(gradients.Data(set["a"]));
        Numbers.Singles(b).CopyTo(gradients.Data(set["b"]));
        Numbers.AssertClose([ReferenceOps.GradientNorm(a, b)], [GradientNorm.Of(gradients, WorkerPool.Serial)], 1e-12, 0);
    }

    [Theory]
    [InlineData(1e-30f, 2e-30)]
    [InlineData(1e30f, 2e30)]
    [InlineData(float.NaN, double.NaN)]
    [InlineData(float.NegativeInfinity, double.PositiveInfinity)]
    public void The_norm_survives_squares_that_float32_cannot_hold(float each, double norm)
    {
        using var set = new ParameterSet();
        set.Add("a", new Shape(4), ParameterKind.Bias);
        using ParameterBuffer gradients = set.CreateBuffer();
        gradients.Data(set["a"]).Fill(each);
        Numbers.AssertClose([norm], [GradientNorm.Of(gradients, WorkerPool.Serial)], 1e-6, 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Micro_batches_are_summed_as_a_tree(int count)
    {
        using var set = new ParameterSet();
        set.Add("a", new Shape(33), ParameterKind.Bias);
        ParameterBuffer[] buffers = [.. Enumerable.Range(0, count).Select(_ => set.CreateBuffer())];
        float[][] values = [.. buffers.Select((_, i) => Numbers.Singles(Numbers.Normal(i, 33)))];
        for (int i = 0; i < count; i++)
        {
            values[i].CopyTo(buffers[i].Data(set["a"]));
        }

        GradientSum.IntoFirst(buffers, WorkerPool.Serial);
        Assert.Equal(Tree(values), buffers[0].Data(set["a"]).ToArray());
        Array.ForEach(buffers, buffer => buffer.Dispose());
    }

    /// <summary>(first half) + (second half), the halves cut at a power of two: the order the engine promises, to the bit.</summary>
    private static float[] Tree(float[][] values)
    {
        if (values.Length == 1)
        {
            return values[0];
        }

        int half = 1;
        while (2 * half < values.Length)
        {
            half *= 2;
        }

        return [.. Tree(values[..half]).Zip(Tree(values[half..]), (a, b) => a + b)];
    }
}
