using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// The model learns the training data by heart: the validation loss is above the mean training loss of the last
/// <see cref="Window"/> steps by more than <see cref="LargestGap"/> nats. With dropout the training loss is the larger one of the
/// two ways to compute it, so the true gap is wider still.
/// </summary>
public sealed class Overfitting() : StepDetector(HealthKind.Overfitting)
{
    /// <summary>Steps that the training loss is a mean of.</summary>
    public const int Window = 50;

    /// <summary>The largest gap that is no warning, in nats per token.</summary>
    public const double LargestGap = 0.5;

    private readonly RecentValues _losses = new(Window);
    private readonly LeastValue _least = new();

    private protected override RecentValues Recent => _losses;

    private protected override IReadOnlyList<double> Marks
    {
        get => _least.Marks;
        set => _least.Marks = value;
    }

    private protected override string? ProblemAt(StepCompleted step)
    {
        _losses.Add(step.Loss);
        if (step.ValidationLoss is not { } validation)
        {
            return null;
        }

        _least.Add(validation, step.Step);
        double gap = validation - _losses.Mean;
        return gap <= LargestGap ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the model overfits: the validation loss {validation:F3} is {gap:F2} above the training loss (limit {LargestGap}; "
            + $"its least was {_least.Value:F3} at step {_least.Step}); try more data, a larger model.dropout or optimizer.weight_decay, "
            + $"a smaller model or fewer steps");
    }
}
