using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tests.Golden;
using Habla.Tests.Training;

namespace Habla.Tests.Evaluation;

public class PrecisionDriftTests
{
    [Theory]
    [InlineData("minigpt")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Without_a_cast_the_forward_agrees_with_PyTorch(string family)
    {
        GoldenFile golden = GoldenFile.Load(family);
        using var model = new Gpt(golden.Config);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            golden.Weights[parameter.Name].Singles.CopyTo(model.Parameters.Data(parameter));
        }

        var forward = new RoundedForward(model);
        int T = golden.SequenceLength, V = golden.VocabularySize, compared = 0;
        for (int b = 0; b < golden.BatchSize; b++)
        {
            int real = golden.PaddingMask.Flags.AsSpan(b * T, T).IndexOf(false); // a token sees only what stands before it
            real = real < 0 ? T : real;
            if (real == 0)
            {
                continue;
            }

            IReadOnlyList<float[]> snapshots = forward.Run(golden.Inputs.Integers.AsSpan(b * T, real));
            Assert.Equal(RoundedForward.SnapshotNames(golden.Config).Count, snapshots.Count);
            for (int i = 0; i < real * V; i++, compared++)
            {
                Assert.Equal(golden.Double.Logits.Values[(b * T * V) + i], snapshots[^1][i], 2e-5);
            }
        }

        Assert.True(compared > 100);
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void Bf16_drifts_some_eight_times_as_far_as_fp16_and_more_with_every_layer(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        SequenceDataset data = Windows();

        PrecisionDrift half = PrecisionDrift.Of(model, data, DriftType.Fp16), wide = PrecisionDrift.Of(model, data, DriftType.Bf16);

        Assert.Equal(["embed_out", "block_0_out", "block_1_out", "final_ln_out", "logits"], wide.Layers.Select(layer => layer.Layer));
        foreach ((LayerDrift narrow, LayerDrift coarse) in half.Layers.Zip(wide.Layers))
        {
            Assert.InRange(coarse.MeanRelative / narrow.MeanRelative, 4, 16); // 8 bits against 11
            Assert.InRange(coarse.MeanCosine, 0.999, 1);
            Assert.True(coarse.MinCosine <= coarse.MeanCosine && coarse.MeanAbsolute <= coarse.MaxAbsolute
                && coarse.MeanRelative <= coarse.MaxRelative);
            Assert.Equal((0, 0), (narrow.NonFinite, coarse.NonFinite));
        }

        // Learned positions are added to an embedding: three casts instead of one.
        Assert.InRange(wide.Layers[0].MaxRelative, 1.0 / 1024, family != ModelFamily.Gpt2 ? 1.0 / 256 : 1.0 / 85);
        Assert.True(wide.Layers[2].MeanRelative > wide.Layers[0].MeanRelative);
        Assert.Equal(wide.LossFloat32, half.LossFloat32);
        Assert.Equal(wide.LossFloat32, wide.LossRounded, 0.02);
        Assert.NotEqual(wide.LossFloat32, wide.LossRounded);
        Assert.InRange(wide.LargestDifferenceToEngine, 0, 1e-5);
    }

    [Fact]
    public void Loss_and_accuracy_are_those_of_the_evaluator_and_flips_are_near_ties()
    {
        using Gpt model = TrainingSamples.Model();
        SequenceDataset data = Windows();
        using var evaluator = new Evaluator(model);
        EvaluationResult expected = evaluator.Evaluate(data.EvaluationBatches());

        PrecisionDrift drift = PrecisionDrift.Of(model, data, DriftType.Bf16);

        Assert.Equal(expected.TokenCount, drift.Tokens);
        Assert.Equal(expected.Loss, drift.LossFloat32, 1e-6);
        Assert.Equal(expected.Accuracy, drift.AccuracyFloat32, 1e-9);
        Assert.NotEmpty(drift.Flips);
        Assert.All(drift.Flips, flip => Assert.InRange(flip.Margin, 0, 2 * drift.Layers[^1].MaxAbsolute));
        Assert.All(drift.Flips, flip => Assert.NotEqual(flip.Float32, flip.Rounded));
        Assert.All(drift.Flips, flip => Assert.Equal(data.Sequence(flip.Sequence)[flip.Position + 1], flip.Target));
        int gained = drift.Flips.Count(flip => flip.Rounded == flip.Target) - drift.Flips.Count(flip => flip.Float32 == flip.Target);
        Assert.Equal(gained / (double)drift.Tokens, drift.AccuracyRounded - drift.AccuracyFloat32, 1e-12);
    }

    [Fact]
    public void Numbers_too_large_for_half_precision_are_counted()
    {
        using Gpt model = TrainingSamples.Model();
        model.Parameters.Data(model.Parameters["blocks.1.feed_forward.down.bias"])[3] = 70_000;
        SequenceDataset data = Windows();

        PrecisionDrift half = PrecisionDrift.Of(model, data, DriftType.Fp16), wide = PrecisionDrift.Of(model, data, DriftType.Bf16);

        Assert.Equal([0, 0], half.Layers.Take(2).Select(layer => layer.NonFinite));
        Assert.True(half.Layers[2].NonFinite >= half.Tokens);
        Assert.True(double.IsNaN(half.LossRounded));
        Assert.All(wide.Layers, layer => Assert.Equal(0, layer.NonFinite));
    }

    [Fact]
    public void The_figures_of_a_layer_are_what_they_say()
    {
        var sum = new LayerDriftSum("x");
        sum.Add([3, 4, 0, 0], [3, 4.5f, 0, 0], 2);
        sum.Add([1, 0, 1, 1], [0, 1, 1, float.PositiveInfinity], 2);

        LayerDrift drift = sum.Result();

        Assert.Equal((1, 2.5 / 6), (drift.MaxAbsolute, drift.MeanAbsolute)); // three rows of two; the one that overflowed does not count
        Assert.Equal(Math.Sqrt(2), drift.MaxRelative, 1e-12);
        Assert.Equal((0.1 + 0 + Math.Sqrt(2)) / 3, drift.MeanRelative, 1e-12);
        Assert.Equal(0, drift.MinCosine, 1e-12);
        Assert.Equal(((9 + 18) / Math.Sqrt(25 * 29.25) + 1 + 0) / 3, drift.MeanCosine, 1e-12);
        Assert.Equal(1, drift.NonFinite);
    }

    [Fact]
    public void Sequences_that_no_model_takes_are_refused()
    {
        using Gpt model = TrainingSamples.Model();
        var forward = new RoundedForward(model);
        Assert.Throws<ArgumentException>(() => forward.Run(new int[TrainingSamples.Context + 1]));
        Assert.Throws<ArgumentException>(() => forward.Run([TrainingSamples.Vocabulary]));
    }

    /// <summary>Random tokens in windows side by side.</summary>
    private static WindowDataset Windows()
    {
        var random = new SeededRandom(5, RandomPurpose.DataOrder, 1);
        int[] stream = [.. Enumerable.Range(0, 600).Select(i => random.Below((ulong)i, TrainingSamples.Vocabulary))];
        return new WindowDataset(stream, TrainingSamples.Context, TrainingSamples.Context);
    }
}
