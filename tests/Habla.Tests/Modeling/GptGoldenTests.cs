using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;
using Habla.Tests.Golden;

namespace Habla.Tests.Modeling;

/// <summary>The engine and the model against PyTorch: tests/golden tells how its numbers were made.</summary>
public sealed class GptGoldenTests
{
    private const double GradientTolerance = 1e-4;

    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    [InlineData("llama")]
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
            double error = GoldenFile.GradientError(golden.Double, parameter.Name, tape.Gradients.Data(parameter));
            Assert.True(error <= GradientTolerance, FormattableString.Invariant($"{parameter.Name} is off by {error:E2}"));
        }

        Assert.Equal(golden.Double.GradientNorm, GradientNorm.Of(tape.Gradients, WorkerPool.Serial), 1e-5);
    }

    internal static Gpt ModelOf(GoldenFile golden)
    {
        var model = new Gpt(golden.Config);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            golden.Weights[parameter.Name].Singles.CopyTo(model.Parameters.Data(parameter));
        }

        return model;
    }
}
