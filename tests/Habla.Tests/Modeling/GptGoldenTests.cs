using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;
using Habla.Tests.Golden;

namespace Habla.Tests.Modeling;

/// <summary>The engine and the model against PyTorch: tests/golden tells how its numbers were made.</summary>
public sealed class GptGoldenTests
{
    private const double LossTolerance = 1e-4;
    private const double GradientTolerance = 1e-4;

    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    public void Logits_loss_and_every_gradient_agree(string family)
    {
        GoldenFile golden = GoldenFile.Load(family);
        using Gpt model = ModelOf(golden);
        using var tape = new Tape(model.Parameters);
        Tensor logits = model.Forward(tape, golden.Inputs.Integers, golden.BatchSize, golden.PaddingMask.Flags);
        Tensor loss = CrossEntropy.Apply(tape, logits, golden.Targets.Integers, golden.LossMask.Flags);
        Assert.Equal(golden.Double.Loss, loss.Data[0], 1e-5);
        for (int i = 0; i < logits.Shape.Count; i++)
        {
            Assert.Equal(golden.Double.Logits.Values[i], logits.Data[i], 2e-5);
        }

        tape.Backward(loss);
        Assert.Equal(golden.Weights.Keys.Order(), model.Parameters.Parameters.Select(parameter => parameter.Name).Order());
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            double error = GoldenFile.GradientError(golden.Double, parameter.Name, tape.Gradients!.Data(parameter));
            Assert.True(error <= GradientTolerance, FormattableString.Invariant($"{parameter.Name} is off by {error:E2}"));
        }

        Assert.Equal(golden.Double.GradientNorm, GradientNorm.Of(tape.Gradients!, WorkerPool.Serial), 1e-5);
    }

    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    public void Ten_AdamW_steps_agree(string family)
    {
        GoldenFile golden = GoldenFile.Load(family);
        GoldenOptimizer options = golden.Optimizer;
        using Gpt model = ModelOf(golden);
        using var tape = new Tape(model.Parameters);
        using ParameterBuffer first = model.Parameters.CreateBuffer(), second = model.Parameters.CreateBuffer();
        for (int step = 1; step <= golden.Double.StepLosses.Length; step++)
        {
            Assert.Equal(golden.Double.StepLosses[step - 1], Loss(golden, model, tape), LossTolerance);
            double norm = GradientNorm.Of(tape.Gradients!, WorkerPool.Serial);
            Assert.Equal(golden.Double.StepGradientNorms[step - 1], norm, 1e-4 * norm);
            var update = new AdamWStep(
                options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay, step,
                Math.Min(1, options.Clip / norm));
            AdamWUpdate.Apply(model.Parameters, tape.Gradients!, first, second, update, WorkerPool.Serial);
        }

        Assert.Equal(golden.Double.LossAfterSteps, Loss(golden, model, tape), LossTolerance);
        foreach (Parameter parameter in model.Parameters.Parameters.Where(p => !GoldenFile.GradientIsNoise(p.Name)))
        {
            double[] expected = golden.Double.FinalWeights[parameter.Name].Values;
            for (int i = 0; i < expected.Length; i++)
            {
                // One step moves a weight by about 1e-3.
                Assert.Equal(expected[i], model.Parameters.Data(parameter)[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Two_micro_batches_that_share_a_divisor_give_the_gradients_of_the_whole()
    {
        GoldenFile golden = GoldenFile.Load("minigpt");
        using Gpt model = ModelOf(golden);
        using Tape head = new(model.Parameters), tail = new(model.Parameters);
        int T = golden.SequenceLength, count = golden.LossMask.Flags.Count(flag => flag);
        double loss = 0;
        foreach ((Tape tape, Range rows) in new[] { (head, ..(2 * T)), (tail, (2 * T)..) })
        {
            int[] ids = golden.Inputs.Integers[rows];
            Tensor logits = model.Forward(tape, ids, ids.Length / T, golden.PaddingMask.Flags[rows]);
            Tensor part = CrossEntropy.Apply(tape, logits, golden.Targets.Integers[rows], golden.LossMask.Flags[rows], count);
            tape.Backward(part);
            loss += part.Data[0];
        }

        GradientSum.IntoFirst([head.Gradients!, tail.Gradients!], WorkerPool.Serial);
        Assert.Equal(golden.Double.Loss, loss, 1e-5);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            Assert.InRange(
                GoldenFile.GradientError(golden.Double, parameter.Name, head.Gradients!.Data(parameter)), 0, GradientTolerance);
        }
    }

    private static double Loss(GoldenFile golden, Gpt model, Tape tape)
    {
        tape.Reset();
        Tensor logits = model.Forward(tape, golden.Inputs.Integers, golden.BatchSize, golden.PaddingMask.Flags);
        Tensor loss = CrossEntropy.Apply(tape, logits, golden.Targets.Integers, golden.LossMask.Flags);
        tape.Backward(loss);
        return loss.Data[0];
    }

    private static Gpt ModelOf(GoldenFile golden)
    {
        var model = new Gpt(golden.Config);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            golden.Weights[parameter.Name].Singles.CopyTo(model.Parameters.Data(parameter));
        }

        return model;
    }
}
