using System.Text.Json;
using Habla.Checkpoints;
using Habla.Data;
using Habla.Modeling;
using Habla.Runs;
using Habla.Storage;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>
/// Runs in bf16 and fp16: the same bits whoever computes, hardly another loss than float32, and a loss scale that is part of the run.
/// </summary>
public sealed class MixedPrecisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelFamily.Minigpt, ActivationFormat.BFloat16)]
    [InlineData(ModelFamily.Gpt2, ActivationFormat.BFloat16)]
    [InlineData(ModelFamily.Llama, ActivationFormat.BFloat16)]
    [InlineData(ModelFamily.Llama, ActivationFormat.Float16)]
    [InlineData(ModelFamily.Minigpt, ActivationFormat.Float16)]
    public void Every_plan_and_any_threads_give_the_same_bits(ModelFamily family, ActivationFormat format)
    {
        using Gpt model = TrainingSamples.Model(family, dropout: 0.2);
        WorkerPool[] pools = [.. new[] { 1, 2, 3 }.Select(threads => new WorkerPool(threads))];
        foreach ((int rows, int microBatches) in ((int, int)[])[(8, 4), (8, 8), (12, 6), (10, 5)])
        {
            Batch batch = TrainingSamples.Batch(rows);
            using var plain = new BatchGradient(
                model, microBatches, 9, WorkerPool.Serial, new BatchPlan(1, SideBySide: false), format: format);
            double loss = plain.Compute(batch, 3);
            int[] bits = TrainingSamples.Bits(TrainingSamples.Numbers(plain.Gradients));
            using var inFloat32 = new BatchGradient(model, microBatches, 9, WorkerPool.Serial);
            Assert.NotEqual(inFloat32.Compute(batch, 3), loss);
            foreach (BatchPlan plan in (BatchPlan[])[new(1, true), new(2, true), new(2, false), new(4, false)])
            {
                foreach (WorkerPool pool in pools)
                {
                    using var gradient = new BatchGradient(model, microBatches, 9, pool, plan, format: format);
                    for (int time = 0; time < 2; time++)
                    {
                        Assert.Equal(loss, gradient.Compute(batch, 3));
                        Assert.Equal(bits, TrainingSamples.Bits(TrainingSamples.Numbers(gradient.Gradients)));
                    }
                }
            }
        }

        Array.ForEach(pools, pool => pool.Dispose());
    }

    [Theory]
    [InlineData(Precision.Bf16)]
    [InlineData(Precision.Fp16)]
    public void A_run_has_the_same_weights_on_any_threads_and_nearly_the_losses_of_float32(Precision precision)
    {
        RecordingListener inFloat32 = Run(Precision.Fp32, threads: 1, out _), alone = Run(precision, threads: 1, out int[] bits);
        foreach (int threads in (int[])[2, 3])
        {
            RecordingListener together = Run(precision, threads, out int[] others);
            Assert.Equal(bits, others);
            Assert.Equal(alone.Steps.Select(step => step.Loss), together.Steps.Select(step => step.Loss));
        }

        Assert.True(inFloat32.Steps[^1].Loss < 0.8 * inFloat32.Steps[0].Loss);
        for (int step = 0; step < inFloat32.Steps.Count; step++)
        {
            Assert.InRange(alone.Steps[step].Loss / inFloat32.Steps[step].Loss, 0.97, 1.03);
        }
    }

    [Fact]
    public void A_step_that_overflows_is_skipped_and_the_schedule_and_the_data_go_on()
    {
        using Gpt model = TrainingSamples.Model();
        float[] weights = TrainingSamples.Weights(model);
        var data = new SampleBatches(3, 4);
        using Trainer trainer = Trainer(model, data, Precision.Fp16);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.LossScaling!.State = new LossScaleState(LossScaling.LargestScale, 17, 2);
        trainer.Step();
        Assert.Equal(weights, TrainingSamples.Weights(model));
        Assert.Equal((1, 0, new DataPosition(0, 1)), (trainer.StepsDone, trainer.Optimizer.UpdateCount, data.Position));
        Assert.Equal(new LossScaleState(LossScaling.LargestScale / 2, 0, 3), trainer.LossScaling.State);
        Assert.Equal((LossScaling.LargestScale, 3), (heard.Steps[0].LossScale, heard.Steps[0].SkippedSteps));
        Assert.False(double.IsFinite(heard.Steps[0].GradientNorm));
        Assert.Empty(heard.Warnings);

        trainer.Run();
        Assert.Equal(12, heard.Steps.Count);
        Assert.True(heard.Steps[^1].SkippedSteps < 40);
        trainer.LossScaling.State = new LossScaleState(1024, 0, 0);
        trainer.StepsDone--;
        trainer.Step();
        Assert.Equal(1, trainer.Optimizer.UpdateCount);
        Assert.NotEqual(weights, TrainingSamples.Weights(model));
        Assert.True(double.IsFinite(heard.Steps[^1].GradientNorm));
    }

    [Fact]
    public void A_skipped_first_step_tells_of_its_loss_and_the_next_of_its_gradient()
    {
        using Gpt model = TrainingSamples.Model();
        foreach (ref float weight in model.Parameters.Data(model.Parameters["final_norm.weight"]))
        {
            weight *= 100;
        }

        using Trainer trainer = Trainer(model, new SampleBatches(3, 4), Precision.Fp16);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.LossScaling!.State = new LossScaleState(LossScaling.LargestScale, 0, 0);
        trainer.Step();
        Assert.Equal(1, trainer.LossScaling.SkippedSteps);
        Assert.StartsWith("the first loss is ", Assert.Single(heard.Warnings), StringComparison.Ordinal);

        trainer.LossScaling.State = new LossScaleState(1, 0, 1);
        trainer.Step();
        Assert.Equal(1, trainer.Optimizer.UpdateCount);
        Assert.StartsWith("the first gradient norm is ", heard.Warnings[^1], StringComparison.Ordinal);
        Assert.Equal(2, heard.Warnings.Count);
    }

    [Fact]
    public void The_scale_is_taken_out_again_before_the_norm_and_the_update()
    {
        double[] norms = [.. new[] { 1.0, 64, 4096 }.Select(scale =>
        {
            using Gpt model = TrainingSamples.Model();
            using Trainer trainer = Trainer(model, new SampleBatches(3, 4), Precision.Fp16);
            trainer.LossScaling!.State = new LossScaleState(scale, 0, 0);
            var heard = new RecordingListener();
            trainer.Listeners.Add(heard);
            trainer.Step();
            return heard.Steps[0].GradientNorm;
        })];
        Assert.InRange(norms[1] / norms[0], 0.999, 1.001);
        Assert.InRange(norms[2] / norms[0], 0.999, 1.001);
    }

    [Fact]
    public void A_loss_that_is_not_finite_at_scale_1_ends_the_run_with_the_name_of_what_is_wrong()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = Trainer(model, new SampleBatches(3, 4), Precision.Fp16);
        trainer.LossScaling!.State = new LossScaleState(2, 0, 0);
        model.Parameters.Data(model.Parameters["blocks.0.feed_forward.up.weight"]).Fill(1e9f);
        trainer.Step();
        var error = Assert.Throws<TrainingDivergedException>(trainer.Step);
        Assert.Equal(2, error.Step);
        Assert.Contains("LinearGelu with blocks.0.feed_forward.up.weight", error.FirstBadTensor, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_has_the_bits_the_scale_and_the_counts_of_one_that_never_stopped()
    {
        var start = new LossScaleState(1 << 22, 1_997, 1); // too large for the first steps
        using Gpt whole = TrainingSamples.Model(dropout: 0.1);
        using Trainer through = Trainer(whole, new SampleBatches(3, 4), Precision.Fp16);
        through.LossScaling!.State = start;
        through.Run();
        Assert.InRange(through.LossScaling.SkippedSteps, 2, 11);

        using Gpt first = TrainingSamples.Model(dropout: 0.1);
        var data = new SampleBatches(3, 4);
        using Trainer before = Trainer(first, data, Precision.Fp16);
        before.LossScaling!.State = start;
        for (int step = 0; step < 5; step++)
        {
            before.Step();
        }

        using (CheckpointKeeper keeper = Keeper(before, first, data))
        {
            keeper.SaveLast();
        }

        using var second = new Gpt(first.Config);
        var dataAgain = new SampleBatches(3, 4);
        using Trainer after = Trainer(second, dataAgain, Precision.Fp16);
        using CheckpointKeeper resumed = Keeper(after, second, dataAgain);
        resumed.Resume();
        Assert.Equal(before.LossScaling.State, after.LossScaling!.State);
        after.Run();
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(whole)), TrainingSamples.Bits(TrainingSamples.Weights(second)));
        Assert.Equal(through.LossScaling.State, after.LossScaling.State);
        Assert.Equal(through.Optimizer.UpdateCount, after.Optimizer.UpdateCount);
    }

    [Fact]
    public void Only_fp16_says_anything_of_a_loss_scale_in_checkpoints_and_logs()
    {
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            using Gpt model = TrainingSamples.Model();
            var data = new SampleBatches(3, 4);
            using Trainer trainer = Trainer(model, data, precision);
            var heard = new RecordingListener();
            trainer.Listeners.Add(heard);
            trainer.Step();
            using CheckpointKeeper keeper = Keeper(trainer, model, data);
            keeper.SaveLast();
            string state = File.ReadAllText(Path.Combine(_folder.Path, "last", Checkpoint.StateFile));
            string line = JsonSerializer.Serialize(RunLog.LineOf(heard.Steps[0]), JsonFormat.Line);
            bool scales = precision == Precision.Fp16;
            Assert.Equal(scales, state.Contains("\"loss_scale\"", StringComparison.Ordinal));
            Assert.Equal(scales, line.Contains("\"loss_scale\":65536,\"skipped_steps\":0", StringComparison.Ordinal));
            Assert.Equal(scales, line.Contains("loss_scale", StringComparison.Ordinal));
        }
    }

    private static RecordingListener Run(Precision precision, int threads, out int[] bits)
    {
        using Gpt model = TrainingSamples.Model(dropout: 0.1);
        using var pool = new WorkerPool(threads);
        using Trainer trainer = Trainer(model, new SampleBatches(3, 4), precision, pool, steps: 60);
        if (trainer.LossScaling is { } scaling)
        {
            scaling.State = new LossScaleState(1024, 0, 0);
        }

        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        bits = TrainingSamples.Bits(TrainingSamples.Weights(model));
        return heard;
    }

    private static Trainer Trainer(Gpt model, SampleBatches data, Precision precision, WorkerPool? pool = null, int steps = 12) => new(
        model, data, new TrainingOptions { BatchSize = 4, Precision = precision },
        new OptimizerOptions { MaximumLearningRate = 0.01, MinimumLearningRate = 0.001 },
        new SchedulerOptions { WarmupSteps = 2, TotalSteps = steps }, pool);

    private CheckpointKeeper Keeper(Trainer trainer, Gpt model, SampleBatches data) =>
        new(_folder.Path, new CheckpointOptions(), new TrainingOptions(), trainer, model, data);
}
