using Habla.Tracking;
using Habla.Tracking.Mlflow;
using Habla.Training;

namespace Habla.Runs;

/// <summary>
/// Tells MLflow of a training run. It has to hear of a step before that step can be saved, because a resumed run does not do it again.
/// A run that is left without <see cref="End"/> has failed.
/// </summary>
internal sealed class RunTracking : ITrainingListener, IDisposable
{
    private readonly MlflowTracker _mlflow;

    private RunTracking(MlflowTracker mlflow) => _mlflow = mlflow;

    /// <summary>Begins, when the recipe asks for it.</summary>
    /// <param name="folder">The run; its manifest and recipe are written.</param>
    /// <param name="options">What the recipe asks for.</param>
    /// <param name="manifest">The run's manifest.</param>
    /// <param name="afterStep">The step it goes on from; 0 for a new run.</param>
    /// <param name="warn">Takes a line for people when something does not work, once.</param>
    /// <param name="time">The clock.</param>
    public static RunTracking? Begin(
        RunFolder folder, TrackingOptions options, Manifest manifest, int afterStep, Action<string> warn, TimeProvider time) =>
        options.MlflowUri is null ? null : new RunTracking(MlflowTracker.Begin(folder, options, manifest, afterStep, warn, time));

    /// <summary>Tells the end of a run whose last part was killed between its end and that word.</summary>
    /// <param name="folder">The run, which has ended and is kept for this process.</param>
    /// <param name="options">What the recipe asks for.</param>
    /// <param name="time">The clock.</param>
    /// <returns>A line for people; null when nothing was missing.</returns>
    public static string? EndEarlier(RunFolder folder, TrackingOptions options, TimeProvider time) =>
        options.MlflowUri is null ? null : MlflowTracker.EndEarlier(folder, time);

    /// <summary>Brings what is still to be sent to the disk; before a checkpoint is saved, which a resumed run goes on from.</summary>
    public void FlushToDisk() => _mlflow.FlushToDisk();

    public void OnStep(StepCompleted step) => _mlflow.Step(RunLog.LineOf(step));

    /// <summary>The run has ended by itself.</summary>
    /// <param name="status">How.</param>
    /// <param name="results">What it came to.</param>
    /// <returns>A line for people.</returns>
    public string End(RunStatus status, TrainingResults results) => _mlflow.End(status, results);

    public void Dispose() => _mlflow.Dispose();
}
