using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Writes each step to <c>train_log.jsonl</c>, and now and then all of them to <c>training_metrics.json</c>.</summary>
/// <param name="log">The log.</param>
/// <param name="metrics">The metrics file.</param>
internal sealed class RunLog(MetricLog log, MetricsFile metrics) : ITrainingListener
{
    public void OnStep(StepCompleted step)
    {
        var line = new StepMetrics(
            step.Step, step.Epoch, step.Loss, step.LearningRate, step.GradientNorm, step.TokensPerSecond, step.ValidationLoss);
        log.Append(line);
        metrics.Add(line);
    }
}
