using Habla.Checkpoints;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Writes each step to <c>train_log.jsonl</c>, and now and then all of them to <c>training_metrics.json</c>.</summary>
/// <param name="folder">The run.</param>
/// <param name="stepsDone">The step it goes on from, 0 for a new run; what the log says of later ones is cut off.</param>
/// <param name="time">The clock.</param>
/// <exception cref="InvalidInputException">The log cannot be read or written.</exception>
internal sealed class RunLog(RunFolder folder, int stepsDone, TimeProvider time) : ITrainingListener, IStatefulPart, IDisposable
{
    private readonly JsonLinesFile<StepMetrics> _log = MetricLog.Open(folder.LogFile, stepsDone);
    private readonly MetricsFile _metrics = new(folder.MetricsFile, MetricLog.UpTo(folder.LogFile, stepsDone), time);
    private long? _tokensBefore = 0;

    /// <summary>Tokens of the steps heard so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens of the whole run; null when it goes on from a checkpoint that does not tell.</summary>
    public long? AllTokens => _tokensBefore + Tokens;

    public TrainingState AddTo(TrainingState state) => state with { Tokens = AllTokens };

    public void TakeFrom(TrainingState state) => _tokensBefore = state.Tokens;

    public void OnStep(StepCompleted step)
    {
        Tokens += step.Tokens;
        StepMetrics line = LineOf(step);
        _log.Append(line);
        _metrics.Add(line);
    }

    /// <summary>What the log says of a step.</summary>
    public static StepMetrics LineOf(StepCompleted step) => new(
        step.Step, step.Epoch, step.Loss, step.LearningRate, step.GradientNorm, step.TokensPerSecond, step.ValidationLoss,
        step.ValidationAccuracy)
    {
        LossScale = step.LossScale, SkippedSteps = step.SkippedSteps,
    };

    /// <summary>Brings the log's lines so far to the disk; may be called while another thread writes a step.</summary>
    public void FlushToDisk() => _log.FlushToDisk();

    /// <summary>Writes the metrics file with every step in it.</summary>
    public void Complete() => _metrics.Write();

    public void Dispose()
    {
        _metrics.Dispose();
        _log.Dispose();
    }
}
