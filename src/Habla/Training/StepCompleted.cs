namespace Habla.Training;

/// <summary>What one training step did; published after the update.</summary>
/// <param name="Step">Updates made so far, this one included: 1 for the first.</param>
/// <param name="Epoch">The pass over the data that the step's batch came from, from 0.</param>
/// <param name="Loss">
/// Mean loss per target of the step's batch, in nats, before the update; with label smoothing where the run smooths.
/// </param>
/// <param name="LearningRate">The rate that was applied.</param>
/// <param name="GradientNorm">The global gradient norm before clipping.</param>
/// <param name="Tokens">Targets of the batch that count: tokens learned from, padding not included.</param>
/// <param name="TokensPerSecond">Tokens of this step over its time, evaluation not counted.</param>
/// <param name="ValidationLoss">Mean loss per target over the validation data after the update; null where not evaluated.</param>
/// <param name="ValidationAccuracy">The share of validation targets that were the likeliest token; null where not evaluated.</param>
public sealed record StepCompleted(
    int Step, int Epoch, double Loss, double LearningRate, double GradientNorm, int Tokens, double TokensPerSecond,
    double? ValidationLoss, double? ValidationAccuracy = null)
{
    /// <summary>What the loss was multiplied by in this step; null where losses are not scaled.</summary>
    public double? LossScale { get; init; }

    /// <summary>Steps skipped so far because gradients overflowed, this one included; null where losses are not scaled.</summary>
    public int? SkippedSteps { get; init; }
}
