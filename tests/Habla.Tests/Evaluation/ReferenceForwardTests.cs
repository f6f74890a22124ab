using Habla.Evaluation;
using Habla.Tests.Golden;

namespace Habla.Tests.Evaluation;

public class ReferenceForwardTests
{
    [Theory]
    [InlineData("minigpt", 1e-10, 1e-5)]
    [InlineData("gpt2", 1e-10, 1e-5)]
    [InlineData("llama", 1e-10, 1e-5)]
    public void Agrees_with_PyTorch(string family, double doubleTolerance, double singleTolerance)
    {
        GoldenFile golden = GoldenFile.Load(family);
        double[] logits = Reference(golden).Logits(golden.Inputs.Integers, golden.PaddingMask.Flags, golden.BatchSize);
        double loss = ReferenceForward.Loss(logits, golden.Targets.Integers, golden.LossMask.Flags);

        Assert.Equal(golden.Double.Loss, loss, doubleTolerance);
        Assert.Equal(golden.Single.Loss, loss, singleTolerance);
        Assert.Equal(golden.Double.Logits.Values.Length, logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            Assert.Equal(golden.Double.Logits.Values[i], logits[i], doubleTolerance);
            Assert.Equal(golden.Single.Logits.Values[i], logits[i], singleTolerance);
        }
    }

    [Fact]
    public void Gives_the_loss_after_training_too()
    {
        GoldenFile golden = GoldenFile.Load("minigpt");
        var weights = golden.Double.FinalWeights.ToDictionary(entry => entry.Key, entry => entry.Value.Values);
        double[] logits = new ReferenceForward(golden.Config, weights)
            .Logits(golden.Inputs.Integers, golden.PaddingMask.Flags, golden.BatchSize);
        Assert.Equal(
            golden.Double.LossAfterSteps, ReferenceForward.Loss(logits, golden.Targets.Integers, golden.LossMask.Flags), 1e-10);
    }

    [Fact]
    public void Float32_weights_give_the_same_as_their_float64_copies()
    {
        GoldenFile golden = GoldenFile.Load("gpt2");
        var fromSingles = new ReferenceForward(golden.Config, name => golden.Weights[name].Singles);
        Assert.Equal(
            Reference(golden).Logits(golden.Inputs.Integers, golden.PaddingMask.Flags, golden.BatchSize),
            fromSingles.Logits(golden.Inputs.Integers, golden.PaddingMask.Flags, golden.BatchSize));
    }

    [Fact]
    public void A_token_changes_no_logits_before_it_and_padding_changes_none_at_all()
    {
        GoldenFile golden = GoldenFile.Load("minigpt");
        int V = golden.VocabularySize;
        bool[] visible = [true, true, true, true, false];
        double[] first = Reference(golden).Logits([1, 2, 3, 4, 0], visible, 1);
        double[] otherPadding = Reference(golden).Logits([1, 2, 3, 4, 9], visible, 1);
        double[] otherToken = Reference(golden).Logits([1, 2, 3, 5, 0], visible, 1);
        Assert.Equal(first[..(4 * V)], otherPadding[..(4 * V)]);
        Assert.Equal(first[..(3 * V)], otherToken[..(3 * V)]);
        Assert.NotEqual(first[(3 * V)..(4 * V)], otherToken[(3 * V)..(4 * V)]);
    }

    [Fact]
    public void The_shapes_are_those_of_the_golden_files()
    {
        foreach (string family in (string[])["minigpt", "gpt2", "llama"])
        {
            GoldenFile golden = GoldenFile.Load(family);
            var shapes = ReferenceParameters.ShapesOf(golden.Config).ToDictionary(p => p.Name, p => p.Shape);
            Assert.Equal(golden.Weights.Keys.Order(), shapes.Keys.Order());
            Assert.All(golden.Weights, entry => Assert.Equal(entry.Value.Shape, shapes[entry.Key]));
            Assert.Equal(golden.Config.ParameterCount, golden.Weights.Values.Sum(weight => weight.Values.Length));
        }
    }

    [Fact]
    public void A_head_of_its_own_is_used_when_embeddings_are_not_tied()
    {
        GoldenFile golden = GoldenFile.Load("minigpt");
        var weights = golden.Weights.ToDictionary(entry => entry.Key, entry => entry.Value.Values);
        weights["head.weight"] = [.. weights["token_embedding.weight"].Select(value => 2 * value)];
        var untied = new ReferenceForward(golden.Config with { TieEmbeddings = false }, weights);
        double[] twice = [.. Reference(golden).Logits([1, 2, 3], [], 1).Select(value => 2 * value)];
        Assert.Equal(twice, untied.Logits([1, 2, 3], [], 1));
    }

    [Fact]
    public void Equal_logits_cost_ln_V_and_targets_that_do_not_count_cost_nothing()
    {
        double[] logits = [0, 0, 0, 0, 5, -5, 1000, 0];
        Assert.Equal(Math.Log(4), ReferenceForward.Loss(logits, [2, 1], [true, false]), 1e-15);
        Assert.Equal(500 + (Math.Log(4) / 2), ReferenceForward.Loss(logits, [2, 3], []) , 1e-12);
        Assert.Equal(0, ReferenceForward.Loss(logits, [2, 1], [false, false]));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        GoldenFile golden = GoldenFile.Load("minigpt");
        var weights = golden.Weights.ToDictionary(entry => entry.Key, entry => entry.Value.Values);
        weights.Remove("blocks.1.attention.key.weight");
        Assert.Contains(
            "blocks.1.attention.key.weight: expected [16, 16]",
            Assert.Throws<ArgumentException>(() => new ReferenceForward(golden.Config, weights)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Reference(golden).Logits([13], [], 1));
        Assert.Throws<ArgumentException>(() => Reference(golden).Logits(new int[11], [], 1));
        Assert.Throws<ArgumentException>(() => Reference(golden).Logits(new int[5], [], 2));
    }

    private static ReferenceForward Reference(GoldenFile golden) =>
        new(golden.Config, golden.Weights.ToDictionary(entry => entry.Key, entry => entry.Value.Values));
}
