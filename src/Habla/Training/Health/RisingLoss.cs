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
    private readonly LeastValue _least = new();
    private readonly double _rise = LimitFor(settings);

    private protected override RecentValues Recent => _losses;

    private protected override IReadOnlyList<double> Marks
    {
        get => _least.Marks;
        set => _least.Marks = value;
    }

    /// <summary>The largest rise that is no warning, in nats per token.</summary>
    internal static double LimitFor(HealthSettings settings) => settings.BeyondChance(LeastRise, 3);

    private protected override string? ProblemAt(StepCompleted step)
    {
        _losses.Add(step.Loss);
        if (!_losses.IsFull)
        {
            return null;
        }

        double mean = _losses.Mean;
        _least.Add(mean, step.Step);

        return mean <= _least.Value + _rise ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the training loss goes up: {mean:F3} over the last {Window} steps, after {_least.Value:F3} at step {_least.Step} (limit "
                + $"+{_rise:0.##}); "
            + $"try a lower optimizer.lr_max, a longer scheduler.warmup_steps or a smaller optimizer.clip");
    }
}
