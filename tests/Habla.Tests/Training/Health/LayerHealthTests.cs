using Habla.Data;
using Habla.Modeling;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Tests.Training.Health;

/// <summary>What the probe sees in a real model, and what the detector makes of it.</summary>
public class LayerHealthTests
{
    private static readonly LayerState[] _healthy =
    [
        new("embedding", 0.2, 5, 0.3), new("blocks.0", 1.5, 8, 0.5), new("final_norm", 1, 4, 0.1), new("head", 2, null, null),
    ];

    [Fact]
    public void The_layers_of_a_model_are_seen_in_order_with_norms_that_add_up()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Step();
        using var probe = new LayerProbe(model, TrainingSamples.Batch(2));
        IReadOnlyList<LayerState> layers = probe.Look(trainer.Gradient.Gradients);
        Assert.Equal(["embedding", "blocks.0", "blocks.1", "final_norm", "head"], layers.Select(layer => layer.Layer));
        Assert.Null(layers[^1].WeightNorm); // tied
        Assert.Equal(heard.Steps[0].GradientNorm, Norm(layers.Select(layer => layer.GradientNorm ?? 0)), 1e-5);
        Assert.Equal(Norm(TrainingSamples.Weights(model).Select(weight => (double)weight)),
            Norm(layers.Select(layer => layer.WeightNorm ?? 0)), 1e-9);
        Assert.Equal(1, layers[3].ActivationRms, 0.05); // a norm makes it so
        Assert.Empty(new LayerDetector().Look(1, layers));
    }

    [Fact]
    public void Padding_does_not_count()
    {
        using Gpt model = TrainingSamples.Model();
        using var gradients = model.Parameters.CreateBuffer();
        Batch whole = TrainingSamples.Batch(1), padded = new(1, TrainingSamples.Context);
        whole.Inputs.CopyTo(padded.Inputs, 0);
        padded.KeyMask.AsSpan(0, 4).Fill(true);
        using var probe = new LayerProbe(model, padded);
        double first = probe.Look(gradients)[0].ActivationRms;
        padded.Inputs.AsSpan(4).Clear();
        Assert.Equal(first, probe.Look(gradients)[0].ActivationRms);
    }

    [Fact]
    public void Looking_changes_no_bit_of_a_run()
    {
        using Gpt looked = TrainingSamples.Model(dropout: 0.2), plain = TrainingSamples.Model(dropout: 0.2);
        using (Trainer trainer = TrainingSamples.Trainer(looked, new SampleBatches(3, 4), steps: 8))
        {
            using var probe = new LayerProbe(looked, TrainingSamples.Batch(2));
            trainer.Listeners.Add(new RecordingListener(_ => probe.Look(trainer.Gradient.Gradients)));
            trainer.Run();
        }

        TrainingSamples.Run(plain, new SampleBatches(3, 4), steps: 8);
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(plain)), TrainingSamples.Bits(TrainingSamples.Weights(looked)));
    }

    [Fact]
    public void A_layer_of_zeros_in_a_real_model_is_dead()
    {
        using Gpt model = TrainingSamples.Model();
        model.Parameters.Data(model.Parameters["token_embedding.weight"]).Clear();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 9);
        using var probe = new LayerProbe(model, TrainingSamples.Batch(2));
        using var none = model.Parameters.CreateBuffer();
        HealthWarning warning = Assert.Single(new LayerDetector().Look(1, probe.Look(none)));
        Assert.Equal(HealthKind.DeadLayer, warning.Kind);
        Assert.Contains("the layer embedding gives nothing", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_without_gradient_is_dead_and_each_kind_is_told_once()
    {
        var detector = new LayerDetector();
        Assert.Empty(detector.Look(1, _healthy));
        LayerState[] stuck = [.. _healthy.Select(layer => layer.Layer == "blocks.0" ? layer with { GradientNorm = 0 } : layer)];
        HealthWarning warning = Assert.Single(detector.Look(100, stuck));
        Assert.Equal((HealthKind.DeadLayer, 100), (warning.Kind, warning.Step));
        Assert.Contains("blocks.0 learns nothing", warning.Message, StringComparison.Ordinal);
        Assert.Empty(detector.Look(200, stuck));
    }

    [Theory]
    [InlineData(19, false)] // more than ten times the first, yet no large number
    [InlineData(21, true)]
    public void A_layer_that_grew_tenfold_to_large_numbers_explodes(double rms, bool explodes)
    {
        var detector = new LayerDetector();
        detector.Look(1, _healthy);
        LayerState[] grown = [.. _healthy.Select(layer => layer.Layer == "blocks.0" ? layer with { ActivationRms = rms } : layer)];
        Assert.Equal(explodes, detector.Look(100, grown).Any(warning => warning.Kind == HealthKind.ExplodingLayer));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(double.PositiveInfinity)]
    public void A_layer_that_was_large_from_the_start_explodes_too(double rms) =>
        Assert.Equal(
            HealthKind.ExplodingLayer, Assert.Single(new LayerDetector().Look(1, [_healthy[1] with { ActivationRms = rms }])).Kind);

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
}
