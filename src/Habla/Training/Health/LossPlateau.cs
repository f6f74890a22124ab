using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// The training loss no longer falls: its mean over <see cref="Window"/> steps has not come down by <see cref="LeastFall"/> nats for
/// a fifth of the run (200 steps at least, 5000 at most). Only steps at half the largest learning rate or more count: with a small
/// one at the end of a schedule a loss may stand still. Nor does a loss below <see cref="LowLoss"/> have far to go.
/// </summary>
/// <param name="settings">The run.</param>
public sealed class LossPlateau(HealthSettings settings) : StepDetector(HealthKind.Plateau)
{
    /// <summary>Steps that a mean is taken over.</summary>
    public const int Window = 50;

    /// <summary>The least fall that counts, in nats per token.</summary>
    public const double LeastFall = 0.005;

    /// <summary>A loss that may stand still, in nats per token.</summary>
    public const double LowLoss = 0.1;

    private readonly RecentValues _losses = new(Window);
    private readonly int _patience = Math.Clamp(settings.TotalSteps / 5, 200, 5000);
    private double _least = double.PositiveInfinity;
    private int _waited;

    private protected override RecentValues Recent => _losses;

    private protected override IReadOnlyList<double> Marks
    {
        get => [_least, _waited];
        set => (_least, _waited) = (value[0], (int)value[1]);
    }

    private protected override string? ProblemAt(StepCompleted step)
    {
        _losses.Add(step.Loss);
        if (!_losses.IsFull)
        {
            return null;
        }

        double mean = _losses.Mean;
        if (mean < _least - LeastFall)
        {
            (_least, _waited) = (mean, 0);
        }
        else if (step.LearningRate >= settings.MaximumLearningRate / 2)
        {
            _waited++;
        }

        return _waited < _patience || mean < LowLoss ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the training loss stands still: {mean:F3} over the last {Window} steps, no lower than {_patience} steps ago; "
            + $"try another optimizer.lr_max (higher if the loss never fell), a larger model, or a shorter run");
    }
}
