using Habla.Tracking;

namespace Habla.Experiments;

/// <summary>What a run's log says of its gradients' global norm before clipping.</summary>
/// <param name="ClippedShare">
/// The share of steps whose norm was above <c>optimizer.clip</c>, from 0 to 1; 0 where nothing is clipped.
/// </param>
/// <param name="Maximum">The largest norm.</param>
/// <param name="Mean">The mean norm over all steps.</param>
/// <param name="Final">The norm of the last step.</param>
public sealed record GradientNormSummary(double ClippedShare, double Maximum, double Mean, double Final)
{
    /// <summary>Sums a log up.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="limit">The recipe's <c>optimizer.clip</c>; 0 never clips.</param>
    /// <returns>Null for an empty log.</returns>
    public static GradientNormSummary? Of(IReadOnlyList<StepMetrics> steps, double limit)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.Count == 0 ? null : new GradientNormSummary(
            limit > 0 ? steps.Count(step => step.GradientNorm > limit) / (double)steps.Count : 0,
            steps.Max(step => step.GradientNorm),
            steps.Average(step => step.GradientNorm),
            steps[^1].GradientNorm);
    }
}
