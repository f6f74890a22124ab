using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;
using Habla.Tests.Golden;
using Habla.Tests.Modeling;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>Tiny models of every family against PyTorch: every gradient of a cut batch, ten AdamW steps.</summary>
public sealed class GoldenTrainingTests
{
    [Theory]
    [InlineData("minigpt", 1)]
    [InlineData("minigpt", 3)]
    [InlineData("gpt2", 1)]
    [InlineData("gpt2", 3)]
    [InlineData("llama", 1)]
    [InlineData("llama", 3)]
    public void Every_gradient_agrees_however_the_batch_is_cut(string family, int microBatches)
    {
        GoldenFile golden = GoldenFile.Load(family);
        using Gpt model = GptGoldenTests.ModelOf(golden);
        using var gradient = new BatchGradient(model, microBatches, seed: 1, WorkerPool.Serial);
        Assert.Equal(golden.Double.Loss, gradient.Compute(BatchOf(golden), step: 0), 1e-5);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            double error = GoldenFile.GradientError(golden.Double, parameter.Name, gradient.Gradients.Data(parameter));
            Assert.True(error <= 1e-4, $"{parameter.Name}: relative error {error:G3}");
        }

        Assert.Equal(golden.Double.GradientNorm, GradientNorm.Of(gradient.Gradients, WorkerPool.Serial), 1e-4);
    }

    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Ten_steps_agree(string family)
    {
        GoldenFile golden = GoldenFile.Load(family);
        using Gpt model = GptGoldenTests.ModelOf(golden);
        using var trainer = new Trainer(
            model, new SampleBatches(BatchOf(golden)),
            new TrainingOptions { BatchSize = golden.BatchSize },
            new OptimizerOptions
            {
                MaximumLearningRate = golden.Optimizer.LearningRate, MinimumLearningRate = 0,
                Beta1 = golden.Optimizer.Beta1, Beta2 = golden.Optimizer.Beta2, Epsilon = golden.Optimizer.Epsilon,
                WeightDecay = golden.Optimizer.WeightDecay, ClipNorm = golden.Optimizer.Clip,
            },
            new SchedulerOptions { Type = ScheduleKind.Constant, WarmupSteps = 0, TotalSteps = 10 });
        var steps = new RecordingListener();
        trainer.Listeners.Add(steps);
        trainer.Run();
        Assert.Equal(10, steps.Steps.Count);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(golden.Double.StepLosses[i], steps.Steps[i].Loss, 1e-4);
            Assert.Equal(golden.Double.StepGradientNorms[i], steps.Steps[i].GradientNorm, 1e-3);
        }

        foreach (Parameter parameter in model.Parameters.Parameters.Where(p => !GoldenFile.GradientIsNoise(p.Name)))
        {
            double[] expected = golden.Double.FinalWeights[parameter.Name].Values;
            Span<float> found = model.Parameters.Data(parameter);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], found[i], 1e-5);
            }
        }
    }

    private static Batch BatchOf(GoldenFile golden)
    {
        var batch = new Batch(golden.BatchSize, golden.SequenceLength);
        golden.Inputs.Integers.CopyTo(batch.Inputs, 0);
        golden.Targets.Integers.CopyTo(batch.Targets, 0);
        golden.LossMask.Flags.CopyTo(batch.LossMask, 0);
        golden.PaddingMask.Flags.CopyTo(batch.KeyMask, 0);
        return batch;
    }
}
