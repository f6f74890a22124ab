namespace Habla.Training;

/// <summary>The loss or a gradient is no longer a finite number; the weights are those of the last good step.</summary>
/// <param name="step">The step that failed, from 1.</param>
/// <param name="firstBadTensor">Which tensor went bad first.</param>
public sealed class TrainingDivergedException(int step, string firstBadTensor) : Exception(
    $"training diverged at step {step}: the first tensor that is not finite is {firstBadTensor}. "
    + "Try a lower optimizer.lr_max, a longer scheduler.warmup_steps, or a smaller optimizer.clip.")
{
    /// <summary>The step that failed, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Which tensor went bad first.</summary>
    public string FirstBadTensor { get; } = firstBadTensor;
}
