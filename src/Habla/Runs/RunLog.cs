using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Writes each step to <c>train_log.jsonl</c>, and now and then all of them to <c>training_metrics.json</c>.</summary>
internal sealed class RunLog : ITrainingListener, IDisposable
{
    private readonly MetricLog _log;
    private readonly MetricsFile _metrics;

    private RunLog(MetricLog log, MetricsFile metrics, IReadOnlyList<StepMetrics> earlier) =>
        (_log, _metrics, Earlier) = (log, metrics, earlier);

    /// <summary>The steps that a resumed run has behind it; empty for a new run.</summary>
    public IReadOnlyList<StepMetrics> Earlier { get; }

    /// <summary>Tokens of the steps heard so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Begins the two files, or goes on with those of a resumed run.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="resumes">Whether it goes on.</param>
    /// <param name="stepsDone">The step it goes on from; what the log says of later ones is cut off.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidInputException">The log cannot be read or written.</exception>
    public static RunLog Open(RunFolder folder, bool resumes, int stepsDone, TimeProvider time)
    {
        IReadOnlyList<StepMetrics> earlier = [];
        MetricLog log = resumes ? MetricLog.Resume(folder.LogFile, stepsDone, out earlier) : MetricLog.Begin(folder.LogFile);
        return new RunLog(log, new MetricsFile(folder.MetricsFile, earlier, time), earlier);
    }

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

    public void Dispose() => _log.Dispose();
}
