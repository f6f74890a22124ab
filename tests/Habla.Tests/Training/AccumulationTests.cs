using Habla.Data;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>A step of N batches is the step of one batch N times as large, to the bit.</summary>
public class AccumulationTests
{
    private const ulong Seed = 9;

    /// <summary>
    /// Micro-batches that are a power of two or not; passes one after another, joined and side by side; groups that fill the tree
    /// and groups that do not.
    /// </summary>
    [Theory]
    [InlineData(ModelFamily.Minigpt, true)]
    [InlineData(ModelFamily.Gpt2, false)]
    [InlineData(ModelFamily.Llama, false)]
    public void Loss_and_gradient_have_the_bits_of_the_large_batch_cut_into_the_same_micro_batches(ModelFamily family, bool tied)
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config(family, dropout: 0.2) with { TieEmbeddings = tied });
        using var pool = new WorkerPool(3);
        foreach ((int rows, int microBatches, int count) in (
            (int, int, int)[])[(4, 4, 2), (4, 2, 3), (6, 3, 2), (6, 3, 5), (5, 5, 3), (4, 1, 6)])
        {
            Batch[] batches = [.. Enumerable.Range(0, count).Select(seed => TrainingSamples.Batch(rows, seed))];
            using var plain = new BatchGradient(model, microBatches * count, Seed, WorkerPool.Serial, new BatchPlan(1, SideBySide: false));
            double expected = plain.Compute(OneBatch(batches), 3);
            int[] bits = TrainingSamples.Bits(TrainingSamples.Numbers(plain.Gradients));
            foreach (BatchPlan plan in (BatchPlan[])[new(1, false), new(1, true), new(2, true), new(4, false), new(4, true)])
            {
                using var accumulated = new BatchGradient(model, microBatches, Seed, pool, plan);
                string what = $"{count} batches of {rows} rows in {microBatches} micro-batches by {plan}";
                for (int time = 0; time < 2; time++)
                {
                    Assert.True(expected.Equals(accumulated.Compute(Batch.Join(batches), 3)), what);
                    Assert.True(bits.SequenceEqual(TrainingSamples.Bits(TrainingSamples.Numbers(accumulated.Gradients))), what);
                }
            }
        }
    }

    [Fact]
    public void The_divisor_is_the_steps_targets_so_a_batch_of_few_targets_weighs_little()
    {
        using Gpt model = TrainingSamples.Model();
        Batch full = TrainingSamples.Batch(4), sparse = TrainingSamples.Batch(4, seed: 1);
        sparse.LossMask.AsSpan(1).Clear();
        using var gradient = new BatchGradient(model, 2, Seed, WorkerPool.Serial);
        double first = gradient.Compute(full, 0), second = gradient.Compute(sparse, 0);
        double mean = ((first * full.TargetCount) + (second * sparse.TargetCount)) / (full.TargetCount + sparse.TargetCount);
        Assert.Equal(1, sparse.TargetCount);
        Assert.Equal(mean, gradient.Compute(Batch.Join([full, sparse]), 0), 1e-6);
    }

    [Fact]
    public void Many_batches_need_hardly_more_gradient_copies_than_one()
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(2);
        Batch[] batches = [.. Enumerable.Range(0, 64).Select(seed => TrainingSamples.Batch(4, seed))];
        using var gradient = new BatchGradient(model, 4, Seed, pool, new BatchPlan(1, SideBySide: true));
        gradient.Compute(batches[0], 0);
        Assert.Equal(4, gradient.GradientCopies);
        gradient.Compute(Batch.Join(batches), 0);
        Assert.Equal(4 + 6, gradient.GradientCopies); // those of one batch, and log₂ 64 sums that wait for their neighbour
    }

    [Fact]
    public void A_run_has_the_weights_of_the_run_with_the_large_batch()
    {
        Batch[] batches = [.. Enumerable.Range(0, 6).Select(seed => TrainingSamples.Batch(4, seed))];
        using Gpt accumulated = TrainingSamples.Model(dropout: 0.1), large = TrainingSamples.Model(dropout: 0.1);
        RecordingListener heard = Run(
            accumulated, new InOrder(batches), new TrainingOptions { BatchSize = 4, Accumulation = 3, Epochs = 5 });
        RecordingListener expected = Run(
            large, new InOrder(OneBatch(batches[..3]), OneBatch(batches[3..])),
            new TrainingOptions { BatchSize = 12, MicroBatches = 12, Epochs = 5 });
        Assert.Equal(expected.Steps.Select(Comparable), heard.Steps.Select(Comparable));
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(large)), TrainingSamples.Bits(TrainingSamples.Weights(accumulated)));
    }

    [Fact]
    public void What_is_left_of_an_epoch_is_stepped_and_nothing_of_it_comes_in_the_next()
    {
        Batch[] batches = [.. Enumerable.Range(0, 7).Select(seed => TrainingSamples.Batch(seed == 6 ? 3 : 4, seed))];
        using Gpt model = TrainingSamples.Model();
        RecordingListener heard = Run(model, new InOrder(batches), new TrainingOptions { BatchSize = 4, Accumulation = 3, Epochs = 2 });
        int[] tokens = [.. batches.Select(batch => batch.TargetCount)];
        int[] epoch = [tokens[..3].Sum(), tokens[3..6].Sum(), tokens[6]];
        Assert.Equal([.. epoch, .. epoch], heard.Steps.Select(step => step.Tokens));
        Assert.Equal([0, 0, 0, 1, 1, 1], heard.Steps.Select(step => step.Epoch));
    }

    [Fact]
    public void An_accumulation_beyond_the_epoch_steps_once_an_epoch()
    {
        using Gpt model = TrainingSamples.Model();
        RecordingListener heard = Run(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4, Accumulation = 100, Epochs = 4 });
        Assert.Equal([0, 1, 2, 3], heard.Steps.Select(step => step.Epoch));
    }

    [Fact]
    public void A_run_goes_on_in_the_middle_of_an_epoch_as_if_it_had_not_stopped()
    {
        using Gpt through = TrainingSamples.Model(dropout: 0.1), model = TrainingSamples.Model(dropout: 0.1);
        var options = new TrainingOptions { BatchSize = 4, Accumulation = 2, Epochs = 3 };
        RecordingListener expected = Run(through, new SampleBatches(5, 4), options);
        var heard = new RecordingListener();
        using var first = Trainer(model, new SampleBatches(5, 4), options);
        first.Listeners.Add(heard);
        for (int i = 0; i < 4; i++)
        {
            first.Step(); // three steps make an epoch of five batches
        }

        Assert.Equal(new DataPosition(1, 2), first.DataPosition);
        var data = new SampleBatches(5, 4) { Position = first.DataPosition };
        using var second = Trainer(model, data, options);
        second.Listeners.Add(heard);
        (second.StepsDone, second.Optimizer.UpdateCount) = (first.StepsDone, first.Optimizer.UpdateCount);
        foreach (Habla.Tensors.Parameter parameter in model.Parameters.Parameters)
        {
            first.Optimizer.FirstMoments.Data(parameter).CopyTo(second.Optimizer.FirstMoments.Data(parameter));
            first.Optimizer.SecondMoments.Data(parameter).CopyTo(second.Optimizer.SecondMoments.Data(parameter));
        }

        second.Run();
        Assert.Equal(expected.Steps.Select(Comparable), heard.Steps.Select(Comparable));
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(through)), TrainingSamples.Bits(TrainingSamples.Weights(model)));
    }

    [Fact]
    public void A_step_that_diverges_leaves_the_data_where_it_was()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = Trainer(
            model, new SampleBatches(5, 4), new TrainingOptions { BatchSize = 4, Accumulation = 2, Epochs = 3 });
        trainer.Step();
        model.Parameters.Data(model.Parameters["final_norm.weight"])[0] = float.NaN;
        Assert.Throws<TrainingDivergedException>(trainer.Step);
        Assert.Equal(new DataPosition(0, 2), trainer.DataPosition);
    }

    [Fact]
    public void Batches_of_different_lengths_are_not_joined()
    {
        Assert.Throws<ArgumentException>(() => Batch.Join([TrainingSamples.Batch(2), TrainingSamples.Batch(2, length: 5)]));
        Assert.Throws<ArgumentException>(() => Batch.Join([]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_537)]
    public void At_least_one_batch_makes_a_step(int accumulation) => Assert.Contains(
        "training.accumulation",
        Assert.ThrowsAny<InvalidInputException>(new TrainingOptions { Accumulation = accumulation }.Validate).Message,
            StringComparison.Ordinal);

    private static Trainer Trainer(Gpt model, IBatchSource data, TrainingOptions options) => new(
        model, data, options, new OptimizerOptions { MaximumLearningRate = 0.01, MinimumLearningRate = 0.001 },
            new SchedulerOptions { WarmupSteps = 2 });

    private static RecordingListener Run(Gpt model, IBatchSource data, TrainingOptions options)
    {
        using Trainer trainer = Trainer(model, data, options);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        return heard;
    }

    private static StepCompleted Comparable(StepCompleted step) => step with { TokensPerSecond = 0 };

    /// <summary>The same rows as a batch that the data might have given.</summary>
    private static Batch OneBatch(params Batch[] batches)
    {
        Batch joined = Batch.Join(batches);
        var batch = new Batch(joined.BatchSize, joined.SequenceLength);
        joined.Inputs.CopyTo(batch.Inputs, 0);
        joined.Targets.CopyTo(batch.Targets, 0);
        joined.LossMask.CopyTo(batch.LossMask, 0);
        joined.KeyMask.CopyTo(batch.KeyMask, 0);
        return batch;
    }

    /// <summary>The same batches in the same order in every epoch.</summary>
    private sealed class InOrder(params Batch[] batches) : IBatchSource
    {
        public int BatchesPerEpoch => batches.Length;

        public int Epoch => Position.Epoch;

        public DataPosition Position { get; set; } = new(0, 0);

        public Batch Next()
        {
            (int epoch, int batch) = Position;
            Position = batch + 1 < batches.Length ? new DataPosition(epoch, batch + 1) : new DataPosition(epoch + 1, 0);
            return batches[batch];
        }
    }
}
