using System.Globalization;
using Habla.Data;
using Habla.Modeling;
using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>
/// Saves a run as it goes: <c>last</c> every so many steps and at the end, <c>best</c> whenever validation improves, and the newest
/// few as <c>step-N</c>.
/// </summary>
public sealed class CheckpointKeeper : ITrainingListener
{
    internal const string LastName = "last", BestName = "best", DivergedName = "diverged", StepPrefix = "step-";

    private readonly string _folder;
    private readonly CheckpointOptions _options;
    private readonly TrainingOptions _training;
    private readonly Trainer _trainer;
    private readonly Gpt _model;
    private readonly IBatchSource _data;
    private int _savedStep = -1;

    /// <summary>Watches a run; add it to the trainer's listeners.</summary>
    /// <param name="folder">The run's <c>checkpoints</c> folder.</param>
    /// <param name="options">How often to save, and what to keep.</param>
    /// <param name="training">The run's seeds.</param>
    /// <param name="trainer">The run.</param>
    /// <param name="model">Its weights.</param>
    /// <param name="data">Its data.</param>
    public CheckpointKeeper(
        string folder, CheckpointOptions options, TrainingOptions training, Trainer trainer, Gpt model, IBatchSource data) =>
        (_folder, _options, _training, _trainer, _model, _data) = (folder, options, training, trainer, model, data);

    /// <summary>The best validation so far; null before the first.</summary>
    public BestValidation? Best { get; private set; }

    /// <summary>The folder of the newest checkpoint.</summary>
    public string LastFolder => Path.Combine(_folder, LastName);

    /// <summary>The SHA-256 of the newest weights.safetensors; null before the first save.</summary>
    public string? WeightsSha256 { get; private set; }

    /// <inheritdoc/>
    public void OnStep(StepCompleted step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.ValidationLoss is { } loss && double.IsFinite(loss) && (Best is null || loss < Best.Loss))
        {
            Best = new BestValidation(step.Step, loss);
            if (_options.Best)
            {
                Save(Path.Combine(_folder, BestName));
            }
        }

        if (_options.Every > 0 && step.Step % _options.Every == 0)
        {
            SaveLast();
        }
    }

    /// <summary>Saves the run as it stands now, unless this step is saved already.</summary>
    public void SaveLast()
    {
        if (_savedStep == _trainer.StepsDone)
        {
            return;
        }

        WeightsSha256 = Save(LastFolder);
        _savedStep = _trainer.StepsDone;
        if (_options.Keep > 0)
        {
            Save(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{StepPrefix}{_trainer.StepsDone}")));
            ForgetOldest();
        }
    }

    /// <summary>
    /// Keeps the state of a run that diverged, to be looked into, as <c>diverged</c>. The last good checkpoint stays as it is.
    /// </summary>
    public void SaveDiverged() => Save(Path.Combine(_folder, DivergedName));

    /// <summary>Goes on from the newest checkpoint: weights, moments, step, data position and best validation.</summary>
    /// <exception cref="InvalidInputException">The checkpoint is missing or cannot be used.</exception>
    public void Resume()
    {
        TrainingState state = Checkpoint.Load(LastFolder, _model, _trainer.Optimizer);
        if (state.TrainingRandom.Seed != _training.Seed || state.DataRandom.Seed != _training.DataSeed)
        {
            throw new InvalidInputException(
                $"{LastFolder} was made with training seed {state.TrainingRandom.Seed} and data seed {state.DataRandom.Seed}, "
                + $"not {_training.Seed} and {_training.DataSeed}; resume with the seeds it was made with");
        }

        _trainer.StepsDone = state.Step;
        _data.Position = new DataPosition(state.Data.Epoch, state.Data.BatchInEpoch);
        Best = state.Best;
        if (_trainer.LossScaling is { } scaling && state.LossScale is { } scale)
        {
            scaling.State = scale;
        }

        _savedStep = state.Step;
        WeightsSha256 = Storage.ContentHash.OfFile(Path.Combine(LastFolder, Checkpoint.WeightsFile));
    }

    private string Save(string folder) => Checkpoint.Save(folder, _model, _trainer.Optimizer, new TrainingState
    {
        SchemaVersion = TrainingState.CurrentSchemaVersion,
        Step = _trainer.StepsDone,
        OptimizerUpdates = _trainer.Optimizer.UpdateCount,
        Scheduler = new SchedulerState(_trainer.StepsDone, _trainer.TotalSteps),
        Data = new DataState(_data.Position.Epoch, _data.Position.BatchInEpoch),
        TrainingRandom = new RandomState(RandomState.Philox, _training.Seed, _trainer.StepsDone),
        DataRandom = new RandomState(RandomState.Philox, _training.DataSeed, _data.Position.Epoch),
        Best = Best,
        LossScale = _trainer.LossScaling?.State,
    });

    private void ForgetOldest()
    {
        IEnumerable<string> old = Directory.GetDirectories(_folder, StepPrefix + "*")
            .Where(folder => int.TryParse(Path.GetFileName(folder)[StepPrefix.Length..], out _))
            .OrderByDescending(folder => int.Parse(Path.GetFileName(folder)[StepPrefix.Length..], CultureInfo.InvariantCulture))
            .Skip(_options.Keep);
        foreach (string folder in old)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
