using Habla.Checkpoints;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Writes each step to <c>train_log.jsonl</c>, and now and then all of them to <c>training_metrics.json</c>.</summary>
/// <param name="log">The log.</param>
/// <param name="metrics">The metrics file.</param>
internal sealed class RunLog(JsonLinesFile<StepMetrics> log, MetricsFile metrics) : ITrainingListener, IStatefulPart
{
    private long? _tokensBefore = 0;

    /// <summary>Tokens of the steps heard so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens of the whole run; null when it goes on from a checkpoint that does not tell.</summary>
    public long? AllTokens => _tokensBefore + Tokens;

    public void OnStep(StepCompleted step)
    {
        Tokens += step.Tokens;
        StepMetrics line = LineOf(step);
        log.Append(line);
        metrics.Add(line);
    }

    public TrainingState AddTo(TrainingState state) => state with { Tokens = AllTokens };

    public void TakeFrom(TrainingState state) => _tokensBefore = state.Tokens;

    /// <summary>What the log says of a step.</summary>
    public static StepMetrics LineOf(StepCompleted step) => new(
        step.Step, step.Epoch, step.Loss, step.LearningRate, step.GradientNorm, step.TokensPerSecond, step.ValidationLoss,
        step.ValidationAccuracy)
    {
        LossScale = step.LossScale, SkippedSteps = step.SkippedSteps,
    };
}
