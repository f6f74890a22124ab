namespace Habla.Tests.Golden;

/// <summary>The golden files say what their README says; a file that was cut or made with other settings does not pass.</summary>
public class GoldenFileTests
{
    [Theory]
    [InlineData("minigpt", 13, 27)]
    [InlineData("gpt2", 11, 36)]
    [InlineData("llama", 12, 21)]
    public void Holds_a_whole_model_and_a_batch(string family, int vocabularySize, int parameterCount)
    {
        GoldenFile golden = GoldenFile.Load(family);
        Assert.Equal(family, golden.Family);
        Assert.Equal([3, 8], golden.Inputs.Shape);
        Assert.Equal(parameterCount, golden.Weights.Count);
        Assert.Equal([vocabularySize, 16], golden.Weights["token_embedding.weight"].Shape);
        Assert.All(golden.Inputs.Integers, id => Assert.InRange(id, 0, vocabularySize - 1));
        foreach (GoldenRun run in new[] { golden.Single, golden.Double })
        {
            Assert.Equal([3, 8, vocabularySize], run.Logits.Shape);
            Assert.Equal(10, run.StepLosses.Length);
            Assert.Equal(run.Loss, run.StepLosses[0]);
            Assert.True(run.LossAfterSteps < run.Loss - 0.5, "ten steps on one batch learn something");
            Assert.Equal(golden.Weights.Keys, run.Gradients.Keys);
            Assert.Equal(golden.Weights.Keys, run.FinalWeights.Keys);
        }
    }

    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void The_global_norm_is_that_of_the_gradients_and_both_precisions_agree(string family)
    {
        GoldenFile golden = GoldenFile.Load(family);
        double squares = golden.Double.Gradients.Values.Sum(gradient => gradient.Values.Sum(value => value * value));
        Assert.Equal(golden.Double.GradientNorm, Math.Sqrt(squares), 12);
        foreach (string name in golden.Weights.Keys)
        {
            Assert.InRange(GoldenFile.GradientError(golden.Double, name, golden.Single.Gradients[name].Singles), 0, 2e-6);
        }
    }
}
