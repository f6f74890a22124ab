using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Modeling;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>
/// One training run from recipe to run folder. <see cref="Prepare"/> reads and checks everything and changes nothing on disk;
/// <see cref="Execute"/> trains and leaves the folder complete.
/// </summary>
/// <remarks>
/// Prepared: <see cref="PreparedRun"/> (folder, data, baseline), <see cref="TrainingSetup"/> (model, batches, loop), the resumed state.
/// Listening: <see cref="RunListeners"/>, then <see cref="Listeners"/>. Saved: <see cref="CheckpointKeeper"/>. Left behind:
/// <see cref="RunDocuments"/>, with <see cref="RunManifest"/> at the start and <see cref="RunResults"/> at the end.
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    private readonly PreparedRun _prepared;
    private readonly TrainingSetup _setup;
    private readonly CheckpointKeeper _checkpoints;
    private readonly TimeProvider _time;

    private TrainingRun(PreparedRun prepared, TimeProvider time)
    {
        (_prepared, _time) = (prepared, time);
        Recipe recipe = prepared.Recipe;
        prepared.Options.Stop.ThrowIfCancellationRequested();
        Preflight = prepared.Options.WithPreflight && !prepared.Resumes
            ? Runs.Preflight.Measure(prepared, time)
            : null;
        _setup = new TrainingSetup(recipe, prepared.Data, prepared.Options.Threads, time);
        _checkpoints = new CheckpointKeeper(
            prepared.Folder.CheckpointsFolder, recipe.Checkpoint, recipe.Training, Trainer, Model, _setup.Batches);
        try
        {
            ResumePoint = prepared.Resumes ? _checkpoints.Resume() : null;
            ResumeRules.RefuseTooShort(prepared.Folder, Trainer);
            if (ResumePoint?.Folder is null)
            {
                _setup.Initialize();
            }
        }
        catch
        {
            _checkpoints.Dispose();
            _setup.Dispose();
            throw;
        }
    }

    /// <summary>The recipe, resolved.</summary>
    public Recipe Recipe => _prepared.Recipe;

    /// <summary>The model being trained.</summary>
    public Gpt Model => _setup.Model;

    /// <summary>The loop.</summary>
    public Trainer Trainer => _setup.Trainer;

    /// <summary>
    /// Who else hears of each step, once it is written down, and of every warning, wherever it was found; add them before
    /// <see cref="Execute"/>. Default none.
    /// </summary>
    public IList<ITrainingListener> Listeners { get; } = [];

    /// <summary>What was read: tokenizer and data.</summary>
    public RunData Data => _prepared.Data;

    /// <summary>The best n-gram perplexity on the validation data; null when there is none.</summary>
    public double? BaselinePerplexity => _prepared.BaselinePerplexity;

    /// <summary>What the run is expected to take; null for one that is resumed, short, or was to do without.</summary>
    public PreflightEstimate? Preflight { get; private set; }

    /// <summary>What a resumed run goes on from; null for a new one.</summary>
    public ResumePoint? ResumePoint { get; }

    /// <summary>Reads and checks everything a run needs; nothing on disk is changed.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="options">Where to write, and on how many threads.</param>
    /// <param name="time">The clock; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">
    /// The folder, the data, the tokenizer, the baseline or the checkpoint cannot be used.
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="TrainingRunOptions.Stop"/> asked for it.</exception>
    public static TrainingRun Prepare(Recipe recipe, TrainingRunOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(options);
        PreparedRun prepared = PreparedRun.Read(recipe, options);
        try
        {
            return new TrainingRun(prepared, time ?? TimeProvider.System);
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Keeps the folder, which is made when missing, for this process, as <see cref="Execute"/> otherwise does itself: whoever comes second
    /// to a new folder then hears of it as of any other input that cannot be used, before anything was changed.
    /// </summary>
    /// <exception cref="InvalidInputException">Another process has it, has used it meanwhile, or it cannot be made.</exception>
    public void LockFolder() => _prepared.LockFolder();

    /// <summary>Trains to the end, or until a stop is asked for, and writes results and pictures.</summary>
    /// <param name="stop">Asks the run to finish its step, save and end.</param>
    /// <returns>How the run ended, what it came to, and what was skipped.</returns>
    /// <exception cref="TrainingDivergedException">
    /// The loss or a gradient is not finite; the last good checkpoint stays, and the state before the step is kept as
    /// <c>checkpoints/diverged</c>.
    /// </exception>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public TrainingOutcome Execute(CancellationToken stop = default)
    {
        if (EarlierParts.HaveEnded(_prepared, Trainer, _checkpoints))
        {
            var results = TrainingResults.Read(_prepared.Folder.ResultsFile);
            return new TrainingOutcome(true, results, ["all steps were done already; nothing was changed"])
            {
                Tracked = RunTracking.EndEarlier(_prepared.Folder, Recipe.Tracking, _time),
            };
        }

        (int stepsBefore, double secondsBefore, bool killed) = EarlierParts.Took(_prepared, Trainer);
        _prepared.TakeFolder();
        _checkpoints.TidyUp();
        RunDocuments documents = RunDocuments.Begin(_prepared, RunManifest.Begin(_prepared, Trainer, _time), Preflight, _time);
        using RunTracking? tracking = RunTracking.Begin(_prepared.Folder, Recipe.Tracking, documents.Manifest, stepsBefore, Warn, _time);
        long start = _time.GetTimestamp();
        (long Now, long? All) tokens;
        try
        {
            tokens = Train(tracking, stop);
        }
        catch (Exception error) when (error is TrainingDivergedException or InvalidInputException)
        {
            if (error is TrainingDivergedException)
            {
                RunDocuments.Quietly(_checkpoints.SaveDiverged);
            }

            documents.Fail(_checkpoints.WeightsSha256, error.Message);
            throw;
        }

        // What fails from here on leaves a run whose end can be written once more: a resumed one does so.
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        return End(documents, tracking, tokens.All, secondsBefore + seconds) with
        {
            Part = stepsBefore > 0 ? new RunPart(Trainer.StepsDone - stepsBefore, seconds, tokens.Now, killed) : null,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoints.Dispose();
        _setup.Dispose();
        _prepared.Dispose();
    }

    /// <summary>Every step, told to all who listen; and the last checkpoint.</summary>
    /// <returns>Tokens learned from: now, and in the whole run.</returns>
    private (long Now, long? All) Train(RunTracking? tracking, CancellationToken stop)
    {
        using var writers = new RunListeners(_prepared, _setup, _checkpoints, tracking, Warn, _time);
        _checkpoints.BeforeSave = writers.FlushToDisk;
        foreach (ITrainingListener listener in writers.InOrder.Concat(Listeners))
        {
            Trainer.Listeners.Add(listener);
        }

        try
        {
            Trainer.Run(stop);
        }
        catch (Exception error) when (error is TrainingDivergedException or InvalidInputException)
        {
            RunDocuments.Quietly(writers.Complete);
            throw;
        }

        writers.Complete();
        _checkpoints.SaveEnd();
        return writers.Tokens;
    }

    /// <summary>Evaluates the weights that the run ends with, and writes down what it came to.</summary>
    private TrainingOutcome End(RunDocuments documents, RunTracking? tracking, long? tokens, double seconds)
    {
        IReadOnlyList<StepMetrics> steps = MetricLog.Read(_prepared.Folder.LogFile);
        TrainingResults results = EarlierParts.Measured(_prepared, RunResults.Of(_prepared, _setup, _checkpoints, steps, seconds));
        if (Preflight is { } estimate && Trainer.StepsDone == Trainer.TotalSteps) // not one that stopped early, which took less
        {
            Preflight = estimate with { TookSeconds = results.WallClockSeconds, TookMemoryMb = results.PeakMemoryMb };
        }

        RunStatus status = Trainer.IsDone ? RunStatus.Finished : RunStatus.Interrupted;
        string? warning = RunResults.WarningFor(Recipe, Trainer, steps, results);
        List<string> skipped = documents.End(status, results, Preflight, _checkpoints.WeightsStep, steps, warning);
        return new TrainingOutcome(Trainer.IsDone, results, skipped)
        {
            Losses = LossSummary.Of(steps, tokens), Warning = warning, Tracked = tracking?.End(status, results),
        };
    }

    private void Warn(string warning)
    {
        foreach (ITrainingListener listener in Listeners)
        {
            listener.OnWarning(warning);
        }
    }
}
