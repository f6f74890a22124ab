using System.Text.Json;
using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tokenization;
using Habla.Tracking;
using Habla.Tracking.TensorBoard;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Runs;

/// <summary>
/// One training run from recipe to run folder. <see cref="Prepare"/> reads and checks everything and changes nothing on disk;
/// <see cref="Execute"/> trains and leaves the folder complete.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private readonly TrainingRunOptions _options;
    private readonly RunFolder _folder;
    private readonly RunData _data;
    private readonly TrainingSetup _setup;
    private readonly CheckpointKeeper _checkpoints;
    private readonly TimeProvider _time;
    private (long Tokens, long? AllTokens) _learned;
    private IReadOnlyList<RecipeDifference> _changes = [];
    private RunLock? _lock;
    private RunTracking? _tracking;

    private TrainingRun(Recipe recipe, TrainingRunOptions options, RunFolder folder, RunData data, double? baseline, TimeProvider time)
    {
        (Recipe, _options, _folder, _data, BaselinePerplexity, _time) = (recipe, options, folder, data, baseline, time);
        Preflight = options is { WithPreflight: true, Existing: not ExistingRun.Resume } ? Runs.Preflight.Measure(recipe, data, options, time) : null;
        _setup = new TrainingSetup(recipe, data, options.Threads, time);
        _checkpoints = new CheckpointKeeper(
            folder.CheckpointsFolder, recipe.Checkpoint, recipe.Training, Trainer, Model, _setup.Batches);
        _checkpoints.Parts.Add(new EarlyStoppingPart(Trainer.EarlyStopping));
        if (options.Existing == ExistingRun.Resume)
        {
            ResumePoint = _checkpoints.Resume();
            ResumeRules.RefuseTooShort(folder, Trainer);
        }

        if (ResumePoint?.Folder is null)
        {
            _setup.Initialize();
        }
    }

    /// <summary>The recipe, resolved.</summary>
    public Recipe Recipe { get; }

    /// <summary>The model being trained.</summary>
    public Gpt Model => _setup.Model;

    /// <summary>The loop; add listeners before <see cref="Execute"/>.</summary>
    public Trainer Trainer => _setup.Trainer;

    /// <summary>What was read: tokenizer and data.</summary>
    public RunData Data => _data;

    /// <summary>The best n-gram perplexity on the validation data; null when there is none.</summary>
    public double? BaselinePerplexity { get; }

    /// <summary>What the run is expected to take; null for one that is resumed, short, or was to do without.</summary>
    public PreflightEstimate? Preflight { get; private set; }

    /// <summary>What a resumed run goes on from; null for a new one.</summary>
    public ResumePoint? ResumePoint { get; }

    /// <summary>Reads and checks everything a run needs; nothing on disk is changed.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="options">Where to write, and on how many threads.</param>
    /// <param name="time">The clock; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">The folder, the data, the tokenizer, the baseline or the checkpoint cannot be used.</exception>
    public static TrainingRun Prepare(Recipe recipe, TrainingRunOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(options);
        RunFolder folder = RunFolder.Plan(options.Folder, options.Existing);
        RunLock? @lock = Directory.Exists(folder.Path) ? folder.Lock() : null; // a new folder is made, and locked, when the run begins
        try
        {
            bool resumes = options.Existing == ExistingRun.Resume;
            IReadOnlyList<RecipeDifference> changes = [];
            if (resumes)
            {
                changes = ResumeRules.RefuseChanges(folder, recipe, options.AllowedChanges);
            }

            RunData data = RunData.Load(recipe, resumes ? Tokenizer.Load(folder.TokenizerFile) : null);
            if (resumes)
            {
                ResumeRules.RefuseOtherData(folder, data);
            }

            double? baseline = BaselineOf(options, data);
            return new TrainingRun(recipe, options, folder, data, baseline, time ?? TimeProvider.System) { _changes = changes, _lock = @lock };
        }
        catch
        {
            @lock?.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end, or until a stop is asked for, and writes results and pictures.</summary>
    /// <param name="stop">Asks the run to finish its step, save and end.</param>
    /// <returns>How the run ended, what it came to, and what was skipped.</returns>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is not finite; the last good checkpoint stays, and the state before the step is kept as <c>checkpoints/diverged</c>.</exception>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public TrainingOutcome Execute(CancellationToken stop = default)
    {
        if (IsEnded())
        {
            return new TrainingOutcome(true, TrainingResults.Read(_folder.ResultsFile), ["all steps were done already; nothing was changed"]);
        }

        (double secondsBefore, bool killed, int stepsBefore) = Before();
        _lock ??= _folder.Lock();
        _folder.Create();
        _checkpoints.TidyUp();
        Manifest manifest = StartManifest();
        manifest.Write(_folder.ManifestFile); // first, so that from now on the folder can be told to be a run's
        RecipeWriter.WriteFile(_folder.ConfigFile, Recipe);
        _data.Tokenizer.Save(_folder.TokenizerFile);
        Preflight?.Write(_folder.PreflightFile);
        using RunTracking? tracking = _tracking = RunTracking.Begin(_folder, Recipe.Tracking, manifest, Trainer, _time);
        long start = _time.GetTimestamp();
        try
        {
            Train(stop);
            _checkpoints.SaveEnd();
        }
        catch (TrainingDivergedException)
        {
            _checkpoints.SaveDiverged();
            manifest.Ended(RunStatus.Failed, _time, _checkpoints.WeightsSha256).Write(_folder.ManifestFile);
            throw;
        }
        catch (InvalidInputException)
        {
            TryToSayFailed(manifest);
            throw;
        }

        bool finished = Trainer.IsDone;
        IReadOnlyList<StepMetrics> steps = MetricLog.Read(_folder.LogFile);
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        TrainingResults results = Results(steps, secondsBefore + seconds);
        string? warning = EndCheck.WarningFor(
            results.StoppedEarly ? [] : [.. steps.Select(step => step.Loss)], Math.Log(results.TrainPerplexity), Recipe.Model.VocabularySize, Health);
        results.Write(_folder.ResultsFile);
        if (Trainer.StepsDone == Trainer.TotalSteps) // a run that stopped early took less than all it might have
        {
            Preflight = Preflight is null ? null : Preflight with { TookSeconds = results.WallClockSeconds, TookMemoryMb = results.PeakMemoryMb };
            Preflight?.Write(_folder.PreflightFile);
        }

        manifest = manifest.Ended(finished ? RunStatus.Finished : RunStatus.Interrupted, _time, _checkpoints.WeightsSha256) with
        {
            StoppedEarly = results.StoppedEarly, WeightsStep = _checkpoints.WeightsStep,
        };
        manifest.Write(_folder.ManifestFile);
        List<string> skipped = RunPictures.Draw(_folder, steps, BaselinePerplexity, Recipe.Optimizer.ClipNorm, new Gnuplot());
        RunReadme.Write(_folder, manifest, results, warning);
        return new TrainingOutcome(finished, results, skipped)
        {
            Losses = LossSummary.Of(steps, _learned.AllTokens), Tracked = tracking?.End(manifest.Status, results),
            Part = stepsBefore > 0 ? new RunPart(Trainer.StepsDone - stepsBefore, seconds, _learned.Tokens, killed) : null, Warning = warning,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoints.Dispose();
        _setup.Dispose();
        _lock?.Dispose();
    }

    /// <summary>On a disk that is full there may be no room for this word either; the manifest then still says that the run goes on.</summary>
    private void TryToSayFailed(Manifest manifest)
    {
        try
        {
            manifest.Ended(RunStatus.Failed, _time, _checkpoints.WeightsSha256).Write(_folder.ManifestFile);
        }
        catch (InvalidInputException)
        {
            // The first failure is the one worth telling.
        }
    }

    /// <summary>Whether the run to be resumed had come to its end; its results stand.</summary>
    private bool IsEnded()
    {
        if (_options.Existing != ExistingRun.Resume || !File.Exists(_folder.ResultsFile))
        {
            return false;
        }

        if (!Trainer.EarlyStopping.IsOn)
        {
            return Trainer.StepsDone == Trainer.TotalSteps && _checkpoints.IsSaved;
        }

        // Its last checkpoint is the best, so that one's step does not tell.
        TrainingResults results = TrainingResults.Read(_folder.ResultsFile);
        return Manifest.Read(_folder.ManifestFile).Status == RunStatus.Finished
            && (results.StoppedEarly || results.Steps == Trainer.TotalSteps)
            && Checkpoint.FindProblem(_checkpoints.LastFolder, out _) is null;
    }

    private void Train(CancellationToken stop)
    {
        using JsonLinesFile<StepMetrics> log = MetricLog.Open(_folder.LogFile, Trainer.StepsDone);
        using var metrics = new MetricsFile(_folder.MetricsFile, MetricLog.UpTo(_folder.LogFile, Trainer.StepsDone), _time);
        using var health = new HealthWatch(_setup, _data, Recipe.Training, Health, _folder.HealthFile);
        _checkpoints.BeforeSave = () =>
        {
            log.FlushToDisk();
            health.FlushToDisk();
        };
        var lines = new RunLog(log, metrics);
        _checkpoints.Add(lines);
        _checkpoints.Add(health);
        Trainer.Listeners.Insert(0, lines);
        Trainer.Listeners.Insert(1, health);
        Trainer.Listeners.Insert(2, _checkpoints); // last of the three: a checkpoint never knows more than the logs
        using TensorBoardLog? board = Recipe.Tracking.TensorBoard
            ? TensorBoardLog.Begin(_folder.TensorBoardFolder, Trainer.StepsDone, _time)
            : null;
        if (board is not null)
            Trainer.Listeners.Insert(3, new TensorBoardListener(board));

        if (_tracking is not null)
        {
            _checkpoints.BeforeSave += _tracking.FlushToDisk;
            Trainer.Listeners.Insert(1, _tracking);
        }

        Trainer.Run(stop);
        metrics.Write();
        _learned = (lines.Tokens, lines.AllTokens);
    }

    private HealthSettings Health => new(
        Trainer.TotalSteps, Recipe.Training.BatchSize * Recipe.Training.Accumulation * Recipe.Model.ContextLength, Recipe.Optimizer.MaximumLearningRate);

    private TrainingResults Results(IReadOnlyList<StepMetrics> steps, double seconds)
    {
        // The last step of a whole run was validated, and so was the best; the last one of an interrupted run may not have been.
        (double Loss, double? Accuracy)? validation =
            steps.LastOrDefault(step => step.Step == _checkpoints.WeightsStep) is { ValidationLoss: { } loss } line
                ? (loss, line.ValidationAccuracy)
                : Trainer.Validate?.Invoke() is { } now ? (now.Loss, now.Accuracy) : null;
        return new TrainingResults
        {
            TrainPerplexity = _setup.Evaluator.Evaluate(_data.TrainForEvaluation().EvaluationBatches()).Perplexity,
            ValidationPerplexity = validation is { } end ? Math.Exp(end.Loss) : null,
            ValidationAccuracy = validation?.Accuracy,
            BestValidationStep = _checkpoints.Best?.Step,
            BestValidationPerplexity = _checkpoints.Best is { } best ? Math.Exp(best.Loss) : null,
            BaselineValidationPerplexity = BaselinePerplexity,
            Parameters = Model.Parameters.Count,
            Steps = Trainer.StepsDone,
            StoppedEarly = Trainer.EarlyStopping.HasStopped && Trainer.StepsDone < Trainer.TotalSteps,
            TokensPerSecond = Math.Round(HarmonicMean(steps.Select(step => step.TokensPerSecond)), 1),
            WallClockSeconds = Math.Round(seconds, 2),
            PeakMemoryMb = Hardware.PeakMemoryMb(),
            WeightsSha256 = _checkpoints.WeightsSha256!,
        };
    }

    /// <summary>What the parts of a resumed run took that ended by themselves; a part that was killed has left no word of its time.</summary>
    private (double Seconds, bool Killed, int Steps) Before()
    {
        TrainingResults? results = _options.Existing == ExistingRun.Resume && File.Exists(_folder.ResultsFile) ? TrainingResults.Read(_folder.ResultsFile) : null;
        return (results?.WallClockSeconds ?? 0, results?.Steps != Trainer.StepsDone, Trainer.StepsDone);
    }

    private Manifest StartManifest()
    {
        if (_options.Existing != ExistingRun.Resume)
        {
            return NewManifest();
        }

        Manifest before = Manifest.Read(_folder.ManifestFile);
        ManifestChange[] changes =
        [
            .. before.Changes ?? [],
            .. _changes.Select(change => new ManifestChange(Trainer.StepsDone, change.Key.Path, change.Before, change.After)),
        ];
        return NewManifest() with { StartedAt = before.StartedAt, Changes = changes.Length > 0 ? changes : null };
    }

    private Manifest NewManifest() => new()
    {
        Seed = Recipe.Training.Seed,
        DataSeed = Recipe.Training.DataSeed,
        GitSha = GitCommit.Of(Environment.CurrentDirectory),
        Config = RecipeWriter.ToJson(Recipe),
        ParameterGroups = Trainer.Optimizer.Groups is { Count: > 0 } groups
            ? JsonSerializer.SerializeToNode(groups, JsonFormat.Line)!.AsArray()
            : null,
        DataSha256 = _data.FileHashes,
        TokenizerSha256 = _data.Tokenizer.Fingerprint,
        Threads = _options.Threads,
        CommandLine = _options.CommandLine,
        StartedAt = _time.GetUtcNow(),
    };

    private static double? BaselineOf(TrainingRunOptions options, RunData data) =>
        options.BaselineFolder is { } folder ? BaselineRun.Read(folder, data).Best.ValPpl
        : options.WithBaseline && data.Validation is not null ? data.Baseline().Best.ValPpl
        : null;

    /// <summary>Steps are of nearly equal size, so tokens over time is the harmonic mean of their speeds.</summary>
    private static double HarmonicMean(IEnumerable<double> values)
    {
        double count = 0, sum = 0;
        foreach (double value in values)
        {
            count++;
            sum += 1 / value;
        }

        return count == 0 ? 0 : count / sum;
    }
}
