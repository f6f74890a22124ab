namespace Habla.Training;

/// <summary>The loss or a gradient is no longer a finite number; the weights are those of the last good step.</summary>
/// <param name="step">The step that failed, from 1.</param>
/// <param name="firstBadTensor">Which tensor went bad first.</param>
/// <param name="rows">The rows of the batch it went bad in; null (the default) when it is no matter of the batch.</param>
public sealed class TrainingDivergedException(int step, string firstBadTensor, BatchRows? rows = null) : Exception(
    $"training diverged at step {step}: the first tensor that is not finite is {firstBadTensor}{(rows is null ? "" : $": {rows}")}. "
    + "Try a lower optimizer.lr_max, a longer scheduler.warmup_steps, or a smaller optimizer.clip.")
{
    /// <summary>The step that failed, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Which tensor went bad first.</summary>
    public string FirstBadTensor { get; } = firstBadTensor;

    /// <summary>
    /// The rows of the batch it went bad in; null when it is no matter of the batch, such as a weight that was bad before.
    /// </summary>
    public BatchRows? Rows { get; } = rows;
}
