using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// The training loss goes up: its mean over <see cref="Window"/> steps stands above the least such mean by more than
/// <see cref="LeastRise"/> nats, or, with few tokens a step, by more than 3 / √tokens, which chance alone can do.
/// </summary>
/// <param name="settings">The run.</param>
public sealed class RisingLoss(HealthSettings settings) : StepDetector(HealthKind.RisingLoss)
{
    /// <summary>Steps that a mean is taken over.</summary>
    public const int Window = 50;

    /// <summary>The least rise that counts, in nats per token.</summary>
    public const double LeastRise = 0.2;

    private readonly RecentValues _losses = new(Window);
    private readonly double _rise = Math.Max(LeastRise, 3 / Math.Sqrt(settings.TokensPerStep));
    private double _least = double.PositiveInfinity;
    private int _leastStep;

    private protected override RecentValues Recent => _losses;

    private protected override IReadOnlyList<double> Marks
    {
        get => [_least, _leastStep];
        set => (_least, _leastStep) = (value[0], (int)value[1]);
    }

    private protected override string? ProblemAt(StepCompleted step)
    {
        _losses.Add(step.Loss);
        if (!_losses.IsFull)
        {
            return null;
        }

        double mean = _losses.Mean;
        if (mean < _least)
        {
            (_least, _leastStep) = (mean, step.Step);
        }

        return mean <= _least + _rise ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the training loss goes up: {mean:F3} over the last {Window} steps, after {_least:F3} at step {_leastStep} (limit "
                + $"+{_rise:0.##}); "
            + $"try a lower optimizer.lr_max, a longer scheduler.warmup_steps or a smaller optimizer.clip");
    }
}
