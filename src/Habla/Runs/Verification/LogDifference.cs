using Habla.Tracking;

namespace Habla.Runs.Verification;

/// <summary>A line of the log and what the replay has instead.</summary>
/// <param name="Step">The step.</param>
/// <param name="Field">The first value that differs, by its name in the log: <c>epoch</c>, <c>loss</c>, <c>grad_norm</c>, <c>lr</c>,
/// <c>val_loss</c>, <c>val_accuracy</c>, <c>loss_scale</c> or <c>skipped_steps</c>.</param>
/// <param name="Recorded">What the log says; null for nothing.</param>
/// <param name="Replayed">What the replay says; null for nothing.</param>
public sealed record LogDifference(int Step, string Field, double? Recorded, double? Replayed)
{
    /// <summary>
    /// Compares a line with the replay's; null when they say the same. Speed is a measurement and not compared; older logs have no
    /// accuracy.
    /// </summary>
    internal static LogDifference? Between(StepMetrics recorded, StepMetrics replayed)
    {
        (string Name, double? Recorded, double? Replayed)[] fields =
        [
            ("epoch", recorded.Epoch, replayed.Epoch),
            ("loss", recorded.Loss, replayed.Loss),
            ("grad_norm", recorded.GradientNorm, replayed.GradientNorm),
            ("lr", recorded.LearningRate, replayed.LearningRate),
            ("val_loss", recorded.ValidationLoss, replayed.ValidationLoss),
            ("val_accuracy", recorded.ValidationAccuracy,
                recorded.ValidationAccuracy is null ? null : replayed.ValidationAccuracy),
            ("loss_scale", recorded.LossScale, replayed.LossScale),
            ("skipped_steps", recorded.SkippedSteps, replayed.SkippedSteps),
        ];
        return fields.Where(field => !Equals(field.Recorded, field.Replayed))
            .Select(field => new LogDifference(recorded.Step, field.Name, field.Recorded, field.Replayed))
            .FirstOrDefault();
    }
}
