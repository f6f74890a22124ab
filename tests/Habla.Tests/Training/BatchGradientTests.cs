using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>The gradient of a batch does not depend on who computes it, and hardly on how the batch is cut.</summary>
public class BatchGradientTests
{
    private const int Rows = 8, Step = 3;
    private const ulong Seed = 9;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Threads_and_ways_change_no_bit(int microBatches)
    {
        using Gpt model = TrainingSamples.Model(dropout: 0.2);
        Batch batch = TrainingSamples.Batch(Rows);
        (double loss, float[] gradient) = Compute(model, batch, microBatches, WorkerPool.Serial, sideBySide: false);
        Assert.Contains(gradient, value => value != 0);
        foreach (int threads in (int[])[1, 2, 3, 8])
        {
            using var pool = new WorkerPool(threads);
            foreach (bool sideBySide in (bool[])[false, true])
            {
                (double other, float[] otherGradient) = Compute(model, batch, microBatches, pool, sideBySide);
                Assert.Equal(loss, other);
                Assert.Equal(TrainingSamples.Bits(gradient), TrainingSamples.Bits(otherGradient));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_sum_is_the_fixed_tree_of_the_micro_batches_whatever_the_way(int microBatches)
    {
        using Gpt model = TrainingSamples.Model(dropout: 0.2);
        Batch batch = TrainingSamples.Batch(Rows);
        ParameterBuffer[] parts = [.. Enumerable.Range(0, microBatches).Select(i => GradientOfPart(model, batch, i, microBatches))];
        GradientSum.IntoFirst(parts, WorkerPool.Serial);
        int[] expected = TrainingSamples.Bits(TrainingSamples.Numbers(parts[0]));
        foreach (bool sideBySide in (bool[])[false, true])
        {
            (_, float[] gradient) = Compute(model, batch, microBatches, WorkerPool.Serial, sideBySide);
            Assert.Equal(expected, TrainingSamples.Bits(gradient));
        }

        Array.ForEach(parts, part => part.Dispose());
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt, 0)]
    [InlineData(ModelFamily.Minigpt, 0.3)]
    [InlineData(ModelFamily.Gpt2, 0.3)]
    public void Cutting_the_batch_changes_rounding_only_even_with_dropout(ModelFamily family, double dropout)
    {
        using Gpt model = TrainingSamples.Model(family, dropout);
        Batch batch = TrainingSamples.Batch(Rows);
        (double whole, float[] gradient) = Compute(model, batch, 1, WorkerPool.Serial, sideBySide: false);
        foreach (int microBatches in (int[])[2, 3, 4, 7, 8])
        {
            (double loss, float[] cut) = Compute(model, batch, microBatches, WorkerPool.Serial, sideBySide: false);
            Assert.Equal(whole, loss, 1e-5);
            for (int i = 0; i < cut.Length; i++)
            {
                Assert.Equal(gradient[i], cut[i], 1e-5);
            }
        }
    }

    [Fact]
    public void A_batch_with_fewer_rows_than_micro_batches_leaves_some_empty_and_nothing_old_in_them()
    {
        using Gpt model = TrainingSamples.Model();
        Batch large = TrainingSamples.Batch(Rows), small = TrainingSamples.Batch(3, seed: 5);
        (double expectedLoss, float[] expected) = Compute(model, small, 1, WorkerPool.Serial, sideBySide: false);
        foreach (bool sideBySide in (bool[])[false, true])
        {
            using var gradient = new BatchGradient(model, 8, Seed, WorkerPool.Serial, sideBySide);
            gradient.Compute(large, Step);
            Assert.Equal(expectedLoss, gradient.Compute(small, Step), 1e-5);
            float[] found = TrainingSamples.Numbers(gradient.Gradients);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], found[i], 1e-5);
            }
        }
    }

    [Fact]
    public void A_sample_whose_targets_do_not_count_adds_nothing()
    {
        using Gpt model = TrainingSamples.Model();
        Batch batch = TrainingSamples.Batch(4), changed = TrainingSamples.Batch(4);
        int row = 2, from = row * TrainingSamples.Context;
        foreach (Batch each in (Batch[])[batch, changed])
        {
            each.LossMask.AsSpan(from, TrainingSamples.Context).Clear();
        }

        for (int i = from; i < from + TrainingSamples.Context; i++)
        {
            changed.Inputs[i] = (changed.Inputs[i] + 1) % TrainingSamples.Vocabulary;
            changed.Targets[i] = (changed.Targets[i] + 2) % TrainingSamples.Vocabulary;
        }

        (double loss, float[] gradient) = Compute(model, batch, 4, WorkerPool.Serial, sideBySide: false);
        (double changedLoss, float[] changedGradient) = Compute(model, changed, 4, WorkerPool.Serial, sideBySide: false);
        Assert.Equal(loss, changedLoss);
        Assert.Equal(gradient, changedGradient);
    }

    [Fact]
    public void A_batch_in_which_nothing_counts_has_loss_and_gradient_zero()
    {
        using Gpt model = TrainingSamples.Model();
        Batch batch = TrainingSamples.Batch(4);
        batch.LossMask.AsSpan().Clear();
        (double loss, float[] gradient) = Compute(model, batch, 2, WorkerPool.Serial, sideBySide: false);
        Assert.Equal(0, loss);
        Assert.All(gradient, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt, false)]
    [InlineData(ModelFamily.Minigpt, true)]
    [InlineData(ModelFamily.Gpt2, false)]
    [InlineData(ModelFamily.Gpt2, true)]
    public void What_stands_in_the_padding_changes_no_bit_of_loss_or_gradient(ModelFamily family, bool paddingFirst)
    {
        using Gpt model = TrainingSamples.Model(family, dropout: 0.1);
        Batch batch = TrainingSamples.Batch(Rows), changed = TrainingSamples.Batch(Rows);
        int places = 0;
        if (paddingFirst)
        {
            // Nothing but the mask keeps later tokens from seeing padding to their left.
            foreach (Array array in (Array[])
                [batch.Inputs, batch.Targets, batch.KeyMask, batch.LossMask, changed.Inputs, changed.Targets, changed.KeyMask, changed.LossMask])
            {
                Array.Reverse(array);
            }
        }

        for (int i = 0; i < changed.Inputs.Length; i++)
        {
            if (!changed.KeyMask[i])
            {
                (changed.Inputs[i], changed.Targets[i]) = (1 + (i % 16), 1 + (i % 7));
                places++;
            }
        }

        Assert.True(places > 10, "the batch has padding");
        foreach (int microBatches in (int[])[1, 4])
        {
            (double loss, float[] gradient) = Compute(model, batch, microBatches, WorkerPool.Serial, sideBySide: false);
            (double other, float[] otherGradient) = Compute(model, changed, microBatches, WorkerPool.Serial, sideBySide: false);
            Assert.Equal(loss, other);
            Assert.Equal(TrainingSamples.Bits(gradient), TrainingSamples.Bits(otherGradient));
        }
    }

    [Fact]
    public void Another_step_and_another_seed_drop_out_others()
    {
        using Gpt model = TrainingSamples.Model(dropout: 0.2);
        Batch batch = TrainingSamples.Batch(4);
        using var gradient = new BatchGradient(model, 2, Seed, WorkerPool.Serial);
        using var otherSeed = new BatchGradient(model, 2, Seed + 1, WorkerPool.Serial);
        double first = gradient.Compute(batch, 0);
        Assert.NotEqual(first, gradient.Compute(batch, 1));
        Assert.NotEqual(first, otherSeed.Compute(batch, 0));
        Assert.Equal(first, gradient.Compute(batch, 0));
    }

    [Fact]
    public void There_is_no_gradient_before_the_first_batch()
    {
        using Gpt model = TrainingSamples.Model();
        using var gradient = new BatchGradient(model, 2, Seed, WorkerPool.Serial);
        Assert.Throws<InvalidOperationException>(() => gradient.Gradients);
    }

    [Fact]
    public void A_small_model_runs_micro_batches_side_by_side_only_with_threads_to_do_it()
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(2);
        using var shared = new BatchGradient(model, 4, Seed, pool);
        using var whole = new BatchGradient(model, 1, Seed, pool);
        using var serial = new BatchGradient(model, 4, Seed, WorkerPool.Serial);
        Assert.Equal((true, false, false), (shared.SideBySide, whole.SideBySide, serial.SideBySide));
    }

    private static (double Loss, float[] Gradient) Compute(Gpt model, Batch batch, int microBatches, WorkerPool pool, bool sideBySide)
    {
        using var gradient = new BatchGradient(model, microBatches, Seed, pool, sideBySide);
        double loss = gradient.Compute(batch, Step);
        return (loss, TrainingSamples.Numbers(gradient.Gradients));
    }

    /// <summary>One micro-batch by hand: its rows on a tape of its own, its loss over the targets of the whole batch.</summary>
    private static ParameterBuffer GradientOfPart(Gpt model, Batch batch, int part, int parts)
    {
        int first = Rows * part / parts, rows = (Rows * (part + 1) / parts) - first;
        int from = first * batch.SequenceLength, count = rows * batch.SequenceLength;
        ParameterBuffer buffer = model.Parameters.CreateBuffer();
        using var tape = new Tape(model.Parameters) { Gradients = buffer, Dropout = new DropoutSource(Seed, Step, first) };
        Tensor logits = model.Forward(tape, batch.Inputs.AsSpan(from, count), rows, batch.KeyMask.AsSpan(from, count));
        tape.Backward(CrossEntropy.Apply(
            tape, logits, batch.Targets.AsSpan(from, count), batch.LossMask.AsSpan(from, count), batch.TargetCount));
        return buffer;
    }
}
