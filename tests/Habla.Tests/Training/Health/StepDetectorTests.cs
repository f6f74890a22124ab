using System.Text.Json;
using Habla.Storage;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Tests.Training.Health;

/// <summary>Each detector speaks on its own case, once, at a step that can be told in advance, and not on a healthy series.</summary>
public class StepDetectorTests
{
    private static readonly HealthSettings _settings = SampleSteps.Settings;

    [Fact]
    public void A_watch_that_goes_on_from_a_checkpoint_says_what_one_that_never_stopped_says()
    {
        // A loss that stands still, swings, rises and overfits, with gradients that grow: everything is said at some step.
        static StepCompleted Step(int step) => new(
            step, 0, 2 + SampleSteps.Scatter(step) + (step < 400 ? 0 : step < 500 ? step % 2 : 0.01 * (step - 500)), 1e-3,
            step < 350 ? 1 : 30, 2048, 1e5, step % 50 == 0 ? 2 + (step / 400.0) : null);
        static IEnumerable<HealthWarning> Look(RunHealth health, int first, int last) =>
            Enumerable.Range(first, last - first + 1).SelectMany(step => health.Look(Step(step)).Concat(
                step % 100 == 0 ? health.Look(step, [new LayerState("head", step * step / 1000.0, 1, step == 300 ? 0 : 1)]) : []));
        HealthWarning[] whole = [.. Look(new RunHealth(_settings), 1, 700)];
        Assert.Equal(7, whole.Select(warning => warning.Kind).Distinct().Count());
        foreach (int stop in (int[])[1, 49, 123, 260, 449, 640])
        {
            var before = new RunHealth(_settings);
            HealthWarning[] first = [.. Look(before, 1, stop)];
            string saved = JsonSerializer.Serialize(before.State, JsonFormat.Document);
            var after = new RunHealth(_settings) { State = JsonSerializer.Deserialize<HealthState>(saved, JsonFormat.Document)! };
            Assert.Equal(saved, JsonSerializer.Serialize(after.State, JsonFormat.Document));
            Assert.Equal(whole, first.Concat(Look(after, stop + 1, 700)));
        }
    }

    [Fact]
    public void A_loss_that_goes_up_is_told_once_as_soon_as_its_mean_has_risen()
    {
        // Flat at 2 for 300 steps, then up by 0.01 a step: the mean of 50 is 0.2 above when the newest is about 0.45 above.
        HealthWarning warning = Assert.Single(SampleSteps.Look(
            new RisingLoss(_settings), 600, step => 2 + (0.01 * Math.Max(0, step - 300)) + SampleSteps.Scatter(step)));
        Assert.Equal(HealthKind.RisingLoss, warning.Kind);
        Assert.InRange(warning.Step, 335, 355);
        Assert.Contains("optimizer.lr_max", warning.Message, StringComparison.Ordinal);
        Assert.Empty(SampleSteps.Look(new RisingLoss(_settings), 600, step => 2 + (0.15 * Math.Clamp((step - 300) / 50.0, 0, 1))));
        Assert.Empty(SampleSteps.Look(new RisingLoss(_settings), 1000, SampleSteps.Healthy));
    }

    [Fact]
    public void Few_tokens_a_step_scatter_more_before_a_rise_or_a_swing_is_told()
    {
        static double Noisy(int step) => 2 + (8 * SampleSteps.Scatter(step)); // ±0.8
        HealthSettings few = _settings with { TokensPerStep = 16 };
        Assert.NotEmpty(SampleSteps.Look(new OscillatingLoss(_settings), 500, Noisy));
        Assert.Empty(SampleSteps.Look(new OscillatingLoss(few), 500, Noisy));
        Assert.Empty(SampleSteps.Look(new RisingLoss(few), 500, step => step < 250 ? 2 : 2.5));
        Assert.Single(SampleSteps.Look(new RisingLoss(_settings), 500, step => step < 250 ? 2 : 2.5));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    public void A_loss_that_swings_is_told_whatever_the_period(int period)
    {
        HealthWarning warning = Assert.Single(SampleSteps.Look(
            new OscillatingLoss(_settings), 400, step => 3 + (step < 200 ? 0 : step % period < period / 2.0 ? 0.4 : -0.4)));
        Assert.Equal(HealthKind.OscillatingLoss, warning.Kind);
        Assert.InRange(warning.Step, 200, 200 + OscillatingLoss.Window);
    }

    [Fact]
    public void A_loss_that_only_falls_or_swings_slowly_or_a_little_does_not_swing()
    {
        Assert.Empty(SampleSteps.Look(new OscillatingLoss(_settings), 1000, SampleSteps.Healthy));
        Assert.Empty(SampleSteps.Look(new OscillatingLoss(_settings), 200, step => 11 * Math.Exp(-step / 5.0)));
        Assert.Empty(SampleSteps.Look(new OscillatingLoss(_settings), 400, step => 3 + (step % 2 == 0 ? 0.2 : -0.2)));
        Assert.Empty(SampleSteps.Look(new OscillatingLoss(_settings), 1000, step => 3 + Math.Sin(step / 10.0)));
    }

    [Fact]
    public void A_loss_that_stands_still_is_told_after_a_fifth_of_the_run()
    {
        HealthWarning warning = Assert.Single(SampleSteps.Look(
            new LossPlateau(_settings), 1000, step => Math.Max(2.5, 4 - (0.01 * step))));
        Assert.Equal(HealthKind.Plateau, warning.Kind);
        Assert.InRange(warning.Step, 150 + 200, 150 + 200 + LossPlateau.Window); // it fell for 150 steps
    }

    [Fact]
    public void A_loss_may_stand_still_at_the_end_of_a_schedule_or_near_zero()
    {
        Assert.Empty(SampleSteps.Look(new LossPlateau(_settings), 1000, SampleSteps.Healthy));
        Assert.Empty(SampleSteps.Look(
            new LossPlateau(_settings), 1000, step => Math.Max(2.5, 4 - (0.01 * step)), learningRate: step => step < 300 ? 1e-3 : 4e-4));
        Assert.Empty(SampleSteps.Look(new LossPlateau(_settings), 1000, step => 0.01));
    }

    [Theory]
    [InlineData(1.55, 1)]
    [InlineData(1.45, 0)]
    public void A_gap_over_half_a_nat_is_overfitting(double validation, int warnings)
    {
        List<HealthWarning> told = SampleSteps.Look(
            new Overfitting(), 1000, _ => 1, validation: step => step < 500 ? 1.2 : validation);
        Assert.Equal(warnings, told.Count);
        if (warnings == 1)
        {
            Assert.Equal((HealthKind.Overfitting, 500), (told[0].Kind, told[0].Step));
            Assert.Contains("1.200 at step 50", told[0].Message, StringComparison.Ordinal);
            Assert.Contains("model.dropout", told[0].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gradients_that_grow_tenfold_are_told_and_single_large_ones_are_not()
    {
        HealthWarning warning = Assert.Single(SampleSteps.Look(
            new ExplodingGradient(), 600, _ => 2, norm: step => 0.5 * Math.Exp(Math.Max(0, step - 100) / 60.0)));
        Assert.Equal(HealthKind.ExplodingGradient, warning.Kind);
        Assert.InRange(warning.Step, 239, 290); // tenfold at 238, in the middle of the window 25 steps later
        Assert.Empty(SampleSteps.Look(new ExplodingGradient(), 600, _ => 2, norm: step => step % 3 == 0 ? 100 : 1));
        Assert.Empty(SampleSteps.Look(new ExplodingGradient(), 600, _ => 2, norm: step => step < 100 ? 0.01 : 0.9));
    }

    [Fact]
    public void A_loss_that_is_no_number_breaks_no_detector()
    {
        StepDetector[] all =
            [new RisingLoss(_settings), new OscillatingLoss(_settings), new LossPlateau(_settings), new Overfitting(),
                new ExplodingGradient()];
        Assert.All(all, detector => SampleSteps.Look(detector, 300, step => step == 100 ? double.NaN : 2, norm: _ => double.NaN));
    }
}
