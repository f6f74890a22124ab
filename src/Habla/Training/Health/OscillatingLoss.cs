using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// The training loss swings: within <see cref="Window"/> steps it turned <see cref="Turns"/> times after moving by more than
/// <see cref="LeastSwing"/> nats, or, with few tokens a step, by more than 10 / √tokens, which chance alone can do. A loss that
/// only falls, however fast, never turns.
/// </summary>
/// <param name="settings">The run.</param>
public sealed class OscillatingLoss(HealthSettings settings) : StepDetector(HealthKind.OscillatingLoss)
{
    /// <summary>Steps looked at.</summary>
    public const int Window = 50;

    /// <summary>Turns within them that are too many.</summary>
    public const int Turns = 8;

    /// <summary>The least movement between two turns that counts, in nats per token.</summary>
    public const double LeastSwing = 0.5;

    private readonly RecentValues _turnSteps = new(Turns);
    private readonly double _swing = settings.BeyondChance(LeastSwing, 10);
    private double _low = double.PositiveInfinity, _high = double.NegativeInfinity;
    private int _direction;

    private protected override RecentValues Recent => _turnSteps;

    private protected override IReadOnlyList<double> Marks
    {
        get => [_low, _high, _direction];
        set => (_low, _high, _direction) = (value[0], value[1], (int)value[2]);
    }

    private protected override string? ProblemAt(StepCompleted step)
    {
        if (!HasTurned(step.Loss))
        {
            return null;
        }

        _turnSteps.Add(step.Step);
        return !_turnSteps.IsFull || step.Step - _turnSteps.Ago(Turns - 1) >= Window ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the training loss swings: {Turns} turns by more than {_swing:0.##} nats within {Window} steps; "
            + $"try a lower optimizer.lr_max, a larger training.batch_size or a smaller optimizer.clip");
    }

    /// <summary>Whether the loss has come back from its last extreme by a whole swing; the first movement of all is no turn.</summary>
    private bool HasTurned(double loss)
    {
        _low = Math.Min(_low, loss);
        _high = Math.Max(_high, loss);
        int direction = _direction >= 0 && loss < _high - _swing ? -1 : _direction <= 0 && loss > _low + _swing ? 1 : 0;
        if (direction == 0)
        {
            return false;
        }

        bool turned = _direction != 0;
        _direction = direction;
        _low = _high = loss;
        return turned;
    }
}
