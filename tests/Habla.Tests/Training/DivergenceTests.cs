using Habla.Data;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>A run that goes bad stops with the name of the tensor that went bad first, and with the weights it had.</summary>
public class DivergenceTests
{
    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NaN, 2)]
    public void A_bad_weight_is_named(float value, int threads)
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(threads);
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9, pool: pool);
        trainer.Step();
        trainer.Step();
        model.Parameters.Data(model.Parameters["blocks.1.attention.key.weight"])[5] = value;
        var error = AssertStopsAndChangesNothing(model, trainer);
        Assert.Equal(3, error.Step);
        Assert.Equal("the parameter blocks.1.attention.key.weight at element 5", error.FirstBadTensor);
        Assert.Contains("training diverged at step 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("optimizer.lr_max", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_first_activation_that_overflows_is_named_with_its_operation_and_micro_batch(int threads)
    {
        using Gpt model = TrainingSamples.Model();
        using var pool = new WorkerPool(threads);
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9, pool: pool);
        model.Parameters.Data(model.Parameters["blocks.0.feed_forward.up.weight"]).Fill(1e30f);
        model.Parameters.Data(model.Parameters["blocks.0.feed_forward.up.bias"]).Fill(1e30f);
        model.Parameters.Data(model.Parameters["blocks.0.feed_forward.down.weight"]).Fill(1e30f);
        TrainingDivergedException error = AssertStopsAndChangesNothing(model, trainer);
        Assert.Contains("Linear with blocks.0.feed_forward.down.weight", error.FirstBadTensor, StringComparison.Ordinal);
        Assert.EndsWith("in micro-batch 1 of 4", error.FirstBadTensor, StringComparison.Ordinal);
        Assert.Equal((0, 1, 4), (error.Rows!.First, error.Rows.Count, error.Rows.BatchSize));
    }

    [Fact]
    public void A_residual_sum_that_overflows_names_the_linear_map_it_added()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9);
        foreach (string part in (string[])["0", "1"])
        {
            model.Parameters.Data(model.Parameters[$"blocks.{part}.feed_forward.down.weight"]).Clear();
            model.Parameters.Data(model.Parameters[$"blocks.{part}.feed_forward.down.bias"])[0] = 2e38f; // finite, their sum is not
        }

        model.Parameters.Data(model.Parameters["blocks.1.attention.output.weight"]).Clear();
        Assert.Matches(
            @"^the output \[1, 12, 16\] of operation \d+, Residual in place on the output of operation \d+, "
            + @"Linear with blocks\.1\.feed_forward\.down\.weight, at element 0, in micro-batch 1 of 4$",
            AssertStopsAndChangesNothing(model, trainer).FirstBadTensor);
    }

    [Fact]
    public void The_batch_row_and_its_place_in_the_data_are_named()
    {
        using Gpt model = TrainingSamples.Model(
            TrainingSamples.Config(ModelFamily.Gpt2) with { VocabularySize = TrainingSamples.Vocabulary + 1 });
        Batch batch = TrainingSamples.Batch(8);
        long[] samples = [31, 7, 90, 4, 55, 12, 68, 21];
        samples.CopyTo(batch.SampleIds, 0);
        batch.Inputs[(5 * TrainingSamples.Context) + 3] = TrainingSamples.Vocabulary; // a token that only row 6 has
        using Trainer trainer = new(
            model, new SampleBatches(batch), new TrainingOptions { BatchSize = 8, MicroBatches = 2 }, new OptimizerOptions(),
            new SchedulerOptions { WarmupSteps = 0, TotalSteps = 9 });
        model.Parameters.Data(model.Parameters["token_embedding.weight"])[TrainingSamples.Vocabulary * 16] = 2e38f;
        model.Parameters.Data(model.Parameters["position_embedding.weight"])[3 * 16] = 2e38f;
        TrainingDivergedException error = AssertStopsAndChangesNothing(model, trainer);
        Assert.Contains("PositionEmbedding", error.FirstBadTensor, StringComparison.Ordinal);
        Assert.Contains(
            "in micro-batch 2 of 2: row 6 of 8 of the batch (sequence 12 of the training data, counted from 0).",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_overflows_while_the_loss_is_finite_is_named()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9);
        model.Parameters.Data(model.Parameters["blocks.1.feed_forward.up.weight"]).Clear();
        model.Parameters.Data(model.Parameters["blocks.1.feed_forward.up.bias"]).Fill(3e38f);
        model.Parameters.Data(model.Parameters["blocks.1.feed_forward.down.weight"]).Clear();
        model.Parameters.Data(model.Parameters["final_norm.weight"]).Fill(1000f);
        Assert.StartsWith(
            "the gradient of blocks.1.feed_forward.down.weight [16, 40], at element ",
            AssertStopsAndChangesNothing(model, trainer).FirstBadTensor, StringComparison.Ordinal);
        Assert.Equal(new DataPosition(0, 0), trainer.DataPosition);
    }

    [Fact]
    public void A_learning_rate_far_too_high_ends_in_this_error_and_not_in_numbers_that_mean_nothing()
    {
        using Gpt model = TrainingSamples.Model();
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4 },
            new OptimizerOptions { MaximumLearningRate = 10, MinimumLearningRate = 10, WeightDecay = 10, ClipNorm = 0 },
            new SchedulerOptions { WarmupSteps = 0, TotalSteps = 200 });
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Run());
        Assert.Equal(heard.Steps.Count + 1, error.Step);
        Assert.All(heard.Steps, step => Assert.True(double.IsFinite(step.Loss) && double.IsFinite(step.GradientNorm)));
    }

    private static TrainingDivergedException AssertStopsAndChangesNothing(Gpt model, Trainer trainer)
    {
        int steps = trainer.StepsDone, updates = trainer.Optimizer.UpdateCount;
        int[] weights = TrainingSamples.Bits(TrainingSamples.Weights(model));
        float[] first = TrainingSamples.Numbers(trainer.Optimizer.FirstMoments);
        float[] second = TrainingSamples.Numbers(trainer.Optimizer.SecondMoments);
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Run());
        Assert.Equal((steps, updates), (trainer.StepsDone, trainer.Optimizer.UpdateCount));
        Assert.Equal(weights, TrainingSamples.Bits(TrainingSamples.Weights(model)));
        Assert.Equal(first, TrainingSamples.Numbers(trainer.Optimizer.FirstMoments));
        Assert.Equal(second, TrainingSamples.Numbers(trainer.Optimizer.SecondMoments));
        return error;
    }
}
