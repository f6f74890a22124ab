using static System.FormattableString;

namespace Habla.Training.Health;

/// <summary>
/// Whether a run has come to anything. One that diverged may keep finite numbers to its last step, and then nothing else stops it or
/// says so.
/// </summary>
public static class EndCheck
{
    /// <summary>Steps at the end that a mean loss is taken over; of a shorter run its later half.</summary>
    public const int Window = 50;

    /// <summary>
    /// How far the loss at the end may be above that of the first step, in nats; more with few tokens a step, like
    /// <see cref="RisingLoss"/>.
    /// </summary>
    public const double LeastRise = RisingLoss.LeastRise;

    /// <summary>How far the loss of the weights may be above ln V, the loss of a model that knows nothing, in nats.</summary>
    public const double GuessTolerance = StartCheck.LossTolerance;

    /// <summary>What is wrong about a run's end, and what to try; null when nothing is.</summary>
    /// <param name="losses">Each step's training loss, in nats.</param>
    /// <param name="finalLoss">The loss of the weights that the run ends with, on its training data.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="settings">The run.</param>
    public static string? WarningFor(IReadOnlyList<double> losses, double finalLoss, int vocabularySize, HealthSettings settings)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(settings);
        double guess = Math.Log(vocabularySize);
        int window = Math.Min(Window, losses.Count / 2);
        double rise = RisingLoss.LimitFor(settings);
        string? problem =
            window > 0 && losses.TakeLast(window).Average() is var end && !(end <= losses[0] + rise)
                ? Invariant($"the training loss ended above where it began: {losses[0]:G4} at first, {end:G4} over the last {window} steps")
            : !(finalLoss <= guess + GuessTolerance)
                ? Invariant($"the model is worse than guessing: its loss is {finalLoss:G4}, ")
                    + Invariant($"and guessing among {vocabularySize} tokens has {guess:F3}")
            : null;
        return problem is null ? null : Invariant(
            $"{problem}. These weights are of no use; try an optimizer.lr_max ten times lower (it was {settings.MaximumLearningRate:G3}), ")
            + "a longer scheduler.warmup_steps, optimizer.clip: 1 where it is larger or off, or the default model.init_std";
    }
}
