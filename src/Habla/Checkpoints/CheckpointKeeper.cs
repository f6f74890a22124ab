using Habla.Data;
using Habla.Modeling;
using Habla.Storage;
using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>
/// Saves a run as it goes: <c>last</c> every so many steps and at the end, <c>best</c> whenever validation improves, and the newest
/// few as <c>step-N</c>. Saves are written while the run goes on; only the last one is waited for.
/// </summary>
public sealed class CheckpointKeeper : ITrainingListener, IDisposable
{
    private readonly string _folder;
    private readonly CheckpointOptions _options;
    private readonly TrainingOptions _training;
    private readonly Trainer _trainer;
    private readonly Gpt _model;
    private readonly IBatchSource _data;
    private readonly BackgroundSave _background;
    private ResumePoint? _resumePoint;
    private TrainingState? _resumed;
    private int _savedStep = -1;
    private int? _takenBack;

    /// <summary>Watches a run; add it to the trainer's listeners, and dispose it before the model.</summary>
    /// <param name="folder">The run's <c>checkpoints</c> folder.</param>
    /// <param name="options">How often to save, and what to keep.</param>
    /// <param name="training">The run's seeds.</param>
    /// <param name="trainer">The run.</param>
    /// <param name="model">Its weights.</param>
    /// <param name="data">Its data.</param>
    public CheckpointKeeper(
        string folder, CheckpointOptions options, TrainingOptions training, Trainer trainer, Gpt model, IBatchSource data)
    {
        (_folder, _options, _training, _trainer, _model, _data) = (folder, options, training, trainer, model, data);
        _background = new BackgroundSave(() => new CheckpointSnapshot(model, trainer.Optimizer));
        Parts.Add(new EarlyStoppingPart(trainer.EarlyStopping));
        if (trainer.LossScaling is { } scaling)
        {
            Parts.Add(new LossScalePart(scaling));
        }
    }

    /// <summary>
    /// Parts of the run whose state is saved and resumed with it, each in a record of its own, so that their order does not matter.
    /// Default what the loop itself changes in a step before anybody hears of it: early stopping, and the loss scale of fp16.
    /// </summary>
    public IList<IStatefulPart> Parts { get; } = [];

    /// <summary>Adds a part of the run; after <see cref="Resume"/> it takes its state back at once.</summary>
    /// <param name="part">The part.</param>
    public void Add(IStatefulPart part)
    {
        Parts.Add(part);
        if (_resumed is not null)
        {
            part.TakeFrom(_resumed);
        }
    }

    /// <summary>
    /// Called before a checkpoint is written, on the thread that writes: flushes what must not be older on disk than the checkpoint,
    /// such as the log. Default nothing.
    /// </summary>
    public Action? BeforeSave { get; set; }

    /// <summary>The best validation so far; null before the first.</summary>
    public BestValidation? Best { get; private set; }

    /// <summary>The folder of the newest checkpoint.</summary>
    public string LastFolder => Path.Combine(_folder, CheckpointNames.Last);

    /// <summary>The SHA-256 of the newest weights.safetensors that is written; null before the first save.</summary>
    public string? WeightsSha256 { get; private set; }

    /// <summary>
    /// The step whose weights the run has now: the best one once early stopping has taken them back, otherwise the last one done.
    /// </summary>
    public int WeightsStep => _takenBack ?? _trainer.StepsDone;

    /// <summary>Whether <c>checkpoints/last</c> is the run as it stands now.</summary>
    public bool IsSaved => _savedStep == _trainer.StepsDone;

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">A checkpoint could not be written: this step's, or the one before that.</exception>
    public void OnStep(StepCompleted step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _background.ThrowIfFailed();
        bool isBest = step.ValidationLoss is { } loss && double.IsFinite(loss) && (Best is null || loss < Best.Loss);
        if (isBest)
        {
            Best = new BestValidation(step.Step, step.ValidationLoss!.Value);
        }

        bool savesBest = isBest && _options.Best, savesLast = _options.Every > 0 && step.Step % _options.Every == 0;
        if (savesBest || savesLast)
        {
            _background.Start(StateNow(), content => Save(content, savesBest, savesLast));
            _savedStep = savesLast ? _trainer.StepsDone : _savedStep;
        }
    }

    /// <summary>Saves the run as it stands now, unless this step is saved already, and waits until it is on disk.</summary>
    /// <exception cref="InvalidInputException">A checkpoint cannot be written, or the one before could not.</exception>
    public void SaveLast()
    {
        WaitForSaves();
        if (!IsSaved)
        {
            Save(CheckpointContent.Of(_model, _trainer.Optimizer, StateNow()), toBest: false, toLast: true);
            _savedStep = _trainer.StepsDone;
        }
    }

    /// <summary>Waits until nothing is being written.</summary>
    /// <exception cref="InvalidInputException">A checkpoint could not be written.</exception>
    public void WaitForSaves() => _background.Wait();

    /// <summary>
    /// Saves a run that stops here. When it has come to its end with early stopping, the model takes its best weights back and
    /// <c>last</c> becomes the same checkpoint as <c>best</c>; otherwise the run is saved as it stands.
    /// </summary>
    /// <exception cref="InvalidInputException">The best checkpoint cannot be read, or a file cannot be written.</exception>
    public void SaveEnd()
    {
        if (!_trainer.IsDone || !_trainer.EarlyStopping.IsOn || Best is null || Best.Step == _trainer.StepsDone)
        {
            SaveLast();
            return;
        }

        WaitForSaves();
        TrainingState best = Checkpoint.Load(Path.Combine(_folder, CheckpointNames.Best), _model, _trainer.Optimizer);
        WeightsSha256 = Checkpoint.Save(LastFolder, CheckpointContent.Of(_model, _trainer.Optimizer, best));
        (_takenBack, _savedStep) = (best.Step, _trainer.StepsDone);
    }

    /// <summary>
    /// Keeps the state of a run that diverged, to be looked into, as <c>diverged</c>. The last good checkpoint stays as it is.
    /// </summary>
    public void SaveDiverged()
    {
        WaitForSaves();
        Checkpoint.Save(Path.Combine(_folder, CheckpointNames.Diverged), CheckpointContent.Of(_model, _trainer.Optimizer, StateNow()));
    }

    /// <summary>
    /// Goes on from the newest checkpoint that can be trusted: weights, moments, step, data position and best validation. Changes
    /// nothing on disk. A run that was stopped before its first save is left as it is: it begins again.
    /// </summary>
    /// <returns>Which checkpoint that is, and what was passed over.</returns>
    /// <exception cref="InvalidInputException">There are checkpoints, and none can be used.</exception>
    public ResumePoint Resume()
    {
        _resumePoint = ResumePoint.Find(_folder);
        if (_resumePoint is not { Folder: { } folder, Name: { } name })
        {
            return _resumePoint;
        }

        TrainingState state = Checkpoint.LoadVerified(folder, _model, _trainer.Optimizer);
        if (state.TrainingRandom.Seed != _training.Seed || state.DataRandom.Seed != _training.DataSeed)
        {
            throw new InvalidInputException(
                $"{folder} was made with training seed {state.TrainingRandom.Seed} and data seed {state.DataRandom.Seed}, "
                + $"not {_training.Seed} and {_training.DataSeed}; resume with the seeds it was made with");
        }

        _resumed = state;
        _trainer.StepsDone = state.Step;
        _data.Position = new DataPosition(state.Data.Epoch, state.Data.BatchInEpoch);
        Best = state.Best;
        foreach (IStatefulPart part in Parts)
        {
            part.TakeFrom(state);
        }

        _savedStep = name == CheckpointNames.Last ? state.Step : -1;
        WeightsSha256 = _resumePoint.WeightsSha256;
        return _resumePoint;
    }

    /// <summary>
    /// Puts the folder of a resumed run in order: the checkpoint it goes on from stands under its own name, and what was half written
    /// is gone. Only for the process that has the run's lock.
    /// </summary>
    /// <exception cref="InvalidInputException">A folder cannot be renamed or deleted.</exception>
    public void TidyUp() => _resumePoint?.TidyUp(_folder);

    /// <summary>Waits for a save that is being written, and gives its memory back.</summary>
    public void Dispose() => _background.Dispose();

    private void Save(CheckpointContent content, bool toBest, bool toLast)
    {
        BeforeSave?.Invoke();
        if (toBest)
        {
            Checkpoint.Save(Path.Combine(_folder, CheckpointNames.Best), content);
        }

        if (!toLast)
        {
            return;
        }

        WeightsSha256 = Checkpoint.Save(LastFolder, content);
        if (_options.Keep > 0)
        {
            Checkpoint.Save(Path.Combine(_folder, CheckpointNames.OfStep(content.State.Step)), content);
            ForgetOldest();
        }
    }

    private TrainingState StateNow()
    {
        var state = new TrainingState
        {
            SchemaVersion = TrainingState.CurrentSchemaVersion,
            Step = _trainer.StepsDone,
            OptimizerUpdates = _trainer.Optimizer.UpdateCount,
            Scheduler = new SchedulerState(_trainer.StepsDone, _trainer.TotalSteps),
            Data = new DataState(_data.Position.Epoch, _data.Position.BatchInEpoch),
            TrainingRandom = new RandomState(RandomState.Philox, _training.Seed, _trainer.StepsDone),
            DataRandom = new RandomState(RandomState.Philox, _training.DataSeed, _data.Position.Epoch),
            Best = Best,
        };
        return Parts.Aggregate(state, (soFar, part) => part.AddTo(soFar));
    }

    private void ForgetOldest()
    {
        IEnumerable<string> old = Directory.GetDirectories(_folder)
            .Where(folder => StepOf(folder) is not null)
            .OrderByDescending(StepOf)
            .Skip(_options.Keep);
        try
        {
            foreach (string folder in old)
            {
                Checkpoint.DeleteFolder(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{_folder}: cannot delete an old checkpoint: {error.Message}", error);
        }
    }

    private static int? StepOf(string folder) => CheckpointNames.StepOf(Path.GetFileName(folder));
}
