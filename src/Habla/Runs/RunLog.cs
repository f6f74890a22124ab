using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Writes each step to <c>train_log.jsonl</c>.</summary>
/// <param name="log">The log.</param>
internal sealed class RunLog(MetricLog log) : ITrainingListener
{
    public void OnStep(StepCompleted step) => log.Append(new StepMetrics(
        step.Step, step.Epoch, step.Loss, step.LearningRate, step.GradientNorm, step.TokensPerSecond, step.ValidationLoss));
}
