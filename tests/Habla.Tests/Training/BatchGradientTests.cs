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

    /// <summary>Each micro-batch in a pass of its own, one after another.</summary>
    private static readonly BatchPlan s_plain = new(1, SideBySide: false);

    public static TheoryData<ModelFamily, bool> Models() => new()
    {
        { ModelFamily.Minigpt, true }, { ModelFamily.Minigpt, false }, { ModelFamily.Gpt2, true }, { ModelFamily.Gpt2, false },
        { ModelFamily.Llama, false },
    };

    /// <summary>
    /// Batches that are cut evenly or not, and one that leaves micro-batches empty; by every plan, with every number of threads, and
    /// again when the weights are packed already.
    /// </summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Every_plan_and_any_threads_give_the_bits_of_the_fixed_tree_of_micro_batches(ModelFamily family, bool tied)
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config(family, dropout: 0.2) with { TieEmbeddings = tied });
        WorkerPool[] pools = [.. new[] { 1, 2, 3, 8 }.Select(threads => new WorkerPool(threads))];
        foreach ((int rows, int microBatches) in ((int, int)[])
            [(8, 1), (8, 2), (8, 4), (8, 8), (12, 3), (12, 6), (10, 5), (7, 7), (8, 3), (8, 5), (8, 6), (8, 7), (3, 8)])
        {
            Batch batch = TrainingSamples.Batch(rows);
            (double loss, int[] bits) = ByHand(model, batch, microBatches);
            foreach (int perPass in (int[])[1, 2, 4, 8])
            {
                foreach (bool sideBySide in (bool[])[false, true])
                {
                    foreach (WorkerPool pool in pools)
                    {
                        using var gradient = new BatchGradient(model, microBatches, Seed, pool, new BatchPlan(perPass, sideBySide));
                        string what =
                            $"{rows} rows, {microBatches} micro-batches, {perPass} a pass, {pool.ThreadCount} threads, {sideBySide}";
                        for (int time = 0; time < 2; time++)
                        {
                            Assert.True(loss.Equals(gradient.Compute(batch, Step)), what);
                            Assert.True(bits.SequenceEqual(TrainingSamples.Bits(TrainingSamples.Numbers(gradient.Gradients))), what);
                        }
                    }
                }
            }
        }

        Array.ForEach(pools, pool => pool.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_that_changed_since_the_last_batch_are_used_by_every_plan(bool tied)
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config(dropout: 0.2) with { TieEmbeddings = tied });
        using var pool = new WorkerPool(3);
        BatchGradient[] gradients = [.. new[] { s_plain, new(2, false), new(1, true), new(2, true) }
            .Select(plan => new BatchGradient(model, 4, Seed, pool, plan))];
        for (int step = 0; step < 4; step++)
        {
            double[] losses = [.. gradients.Select(gradient => gradient.Compute(TrainingSamples.Batch(Rows, seed: step), step))];
            Assert.Single(losses.Distinct());
            foreach (Parameter parameter in model.Parameters.Parameters)
            {
                foreach (ref float weight in model.Parameters.Data(parameter))
                {
                    weight *= 1.01f;
                }
            }
        }

        Array.ForEach(gradients, gradient => gradient.Dispose());
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt, 0)]
    [InlineData(ModelFamily.Minigpt, 0.3)]
    [InlineData(ModelFamily.Gpt2, 0.3)]
    [InlineData(ModelFamily.Llama, 0.3)]
    public void Cutting_the_batch_changes_rounding_only_even_with_dropout(ModelFamily family, double dropout)
    {
        using Gpt model = TrainingSamples.Model(family, dropout);
        Batch batch = TrainingSamples.Batch(Rows);
        (double whole, float[] gradient) = Compute(model, batch, 1, WorkerPool.Serial, s_plain);
        foreach (int microBatches in (int[])[2, 3, 4, 7, 8])
        {
            (double loss, float[] cut) = Compute(model, batch, microBatches, WorkerPool.Serial, s_plain);
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
        (double expectedLoss, float[] expected) = Compute(model, small, 1, WorkerPool.Serial, s_plain);
        foreach (BatchPlan plan in (BatchPlan[])[s_plain, new(4, false), new(1, true), new(4, true)])
        {
            using var gradient = new BatchGradient(model, 8, Seed, WorkerPool.Serial, plan);
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

        (double loss, float[] gradient) = Compute(model, batch, 4, WorkerPool.Serial, s_plain);
        (double changedLoss, float[] changedGradient) = Compute(model, changed, 4, WorkerPool.Serial, s_plain);
        Assert.Equal(loss, changedLoss);
        Assert.Equal(gradient, changedGradient);
    }

    [Fact]
    public void A_batch_in_which_nothing_counts_has_loss_and_gradient_zero()
    {
        using Gpt model = TrainingSamples.Model();
        Batch batch = TrainingSamples.Batch(4);
        batch.LossMask.AsSpan().Clear();
        (double loss, float[] gradient) = Compute(model, batch, 2, WorkerPool.Serial, s_plain);
        Assert.Equal(0, loss);
        Assert.All(gradient, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt, false)]
    [InlineData(ModelFamily.Minigpt, true)]
    [InlineData(ModelFamily.Gpt2, false)]
    [InlineData(ModelFamily.Gpt2, true)]
    [InlineData(ModelFamily.Llama, false)]
    [InlineData(ModelFamily.Llama, true)]
    public void What_stands_in_the_padding_changes_no_bit_of_loss_or_gradient(ModelFamily family, bool paddingFirst)
    {
        using Gpt model = TrainingSamples.Model(family, dropout: 0.1);
        Batch batch = TrainingSamples.Batch(Rows), changed = TrainingSamples.Batch(Rows);
        int places = 0;
        if (paddingFirst)
        {
            // Nothing but the mask keeps later tokens from seeing padding to their left.
            foreach (Array array in (Array[])
                [batch.Inputs, batch.Targets, batch.KeyMask, batch.LossMask, changed.Inputs, changed.Targets, changed.KeyMask,
                    changed.LossMask])
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
            (double loss, float[] gradient) = Compute(model, batch, microBatches, WorkerPool.Serial, s_plain);
            (double other, float[] otherGradient) = Compute(model, changed, microBatches, WorkerPool.Serial, s_plain);
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
    public void A_batch_that_cannot_be_cut_evenly_goes_in_passes_of_one_micro_batch()
    {
        using Gpt model = TrainingSamples.Model();
        using var gradient = new BatchGradient(model, 4, Seed, WorkerPool.Serial, new BatchPlan(4, SideBySide: false));
        Assert.Equal(4, gradient.PlanFor(TrainingSamples.Batch(8)).MicroBatchesPerPass);
        Assert.Equal(1, gradient.PlanFor(TrainingSamples.Batch(9)).MicroBatchesPerPass);
        Assert.Equal(1, gradient.PlanFor(TrainingSamples.Batch(3)).MicroBatchesPerPass);
    }

    [Fact]
    public void The_plan_is_made_for_the_model_the_batch_and_the_threads()
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(2);
        using var shared = new BatchGradient(model, 4, Seed, pool);
        using var whole = new BatchGradient(model, 1, Seed, pool);
        using var serial = new BatchGradient(model, 4, Seed, WorkerPool.Serial);
        Batch batch = TrainingSamples.Batch(Rows); // 96 tokens: all fit into one pass
        Assert.Equal(new BatchPlan(2, SideBySide: true), shared.PlanFor(batch));
        Assert.Equal(new BatchPlan(1, SideBySide: false), whole.PlanFor(batch));
        Assert.Equal(new BatchPlan(4, SideBySide: false), serial.PlanFor(batch));
        shared.Compute(batch, Step);
        serial.Compute(batch, Step);
        Assert.Equal((true, false), (shared.RanSideBySide, serial.RanSideBySide));
    }

    private static (double Loss, float[] Gradient) Compute(Gpt model, Batch batch, int microBatches, WorkerPool pool, BatchPlan plan)
    {
        using var gradient = new BatchGradient(model, microBatches, Seed, pool, plan);
        double loss = gradient.Compute(batch, Step);
        return (loss, TrainingSamples.Numbers(gradient.Gradients));
    }

    /// <summary>Each micro-batch on a tape of its own, their losses added in turn and their gradients in the tree.</summary>
    private static (double Loss, int[] Gradient) ByHand(Gpt model, Batch batch, int microBatches)
    {
        double sum = 0;
        ParameterBuffer[] parts = [.. Enumerable.Range(0, microBatches).Select(_ => model.Parameters.CreateBuffer())];
        for (int part = 0; part < microBatches; part++)
        {
            sum += Part(model, batch, part, microBatches, parts[part]);
        }

        GradientSum.IntoFirst(parts, WorkerPool.Serial);
        int[] bits = TrainingSamples.Bits(TrainingSamples.Numbers(parts[0]));
        Assert.Contains(bits, number => number != 0);
        Array.ForEach(parts, part => part.Dispose());
        return (sum, bits);
    }

    /// <summary>One micro-batch by hand: its rows on a tape of its own, its loss over the targets of the whole batch.</summary>
    private static double Part(Gpt model, Batch batch, int part, int parts, ParameterBuffer gradient)
    {
        int first = batch.BatchSize * part / parts, rows = (batch.BatchSize * (part + 1) / parts) - first;
        if (rows == 0)
        {
            return 0; // and the gradient stays zeros
        }

        int from = first * batch.SequenceLength, count = rows * batch.SequenceLength;
        using var tape = new Tape(model.Parameters) { Gradients = gradient, Dropout = new DropoutSource(Seed, Step, first) };
        Tensor logits = model.Forward(tape, batch.Inputs.AsSpan(from, count), rows, batch.KeyMask.AsSpan(from, count));
        Tensor loss = CrossEntropy.Apply(
            tape, logits, batch.Targets.AsSpan(from, count), batch.LossMask.AsSpan(from, count), batch.TargetCount);
        tape.Backward(loss);
        return loss.Data[0];
    }
}
