namespace Habla.Tracking;

/// <summary>What a log says of a run from its first line to its last.</summary>
/// <param name="InitialLoss">The first step's loss, in nats per token.</param>
/// <param name="FinalLoss">The last step's loss.</param>
/// <param name="BestLoss">The least loss of a step.</param>
/// <param name="BestStep">The step that had it.</param>
/// <param name="LargestLearningRate">The largest learning rate.</param>
/// <param name="FinalLearningRate">The last step's.</param>
/// <param name="Tokens">Tokens learned from in the whole run, padding not included; null when that is not known.</param>
public sealed record LossSummary(
    double InitialLoss, double FinalLoss, double BestLoss, int BestStep, double LargestLearningRate, double FinalLearningRate, long? Tokens)
{
    /// <summary>How far the final loss is below the initial one, in percent of it.</summary>
    public double ReductionPercent => 100 * (InitialLoss - FinalLoss) / InitialLoss;

    /// <summary>Sums a log up; null for one without a line.</summary>
    /// <param name="steps">The log, in order.</param>
    /// <param name="tokens">Tokens learned from; null when that is not known.</param>
    public static LossSummary? Of(IReadOnlyList<StepMetrics> steps, long? tokens)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count == 0)
        {
            return null;
        }

        StepMetrics best = steps.MinBy(step => step.Loss)!;
        return new LossSummary(
            steps[0].Loss, steps[^1].Loss, best.Loss, best.Step, steps.Max(step => step.LearningRate), steps[^1].LearningRate, tokens);
    }
}
