using Habla.Checkpoints;
using Habla.Tracking;
using Habla.Tracking.TensorBoard;
using Habla.Training;

namespace Habla.Runs;

/// <summary>
/// What hears of every step of a training run and writes it down, in the order of <see cref="InOrder"/>. The checkpoints are the last
/// to hear, so that none ever knows of a step that the logs do not: a resumed run does not do that step again.
/// </summary>
internal sealed class RunListeners : IDisposable
{
    private readonly RunLog _log;
    private readonly RunTracking? _tracking;
    private readonly HealthWatch? _health;
    private readonly TensorBoardLog? _board;

    /// <summary>Begins the files, or goes on with those of a resumed run.</summary>
    /// <param name="prepared">The run; its folder is taken.</param>
    /// <param name="setup">What computes it.</param>
    /// <param name="checkpoints">Its checkpoints.</param>
    /// <param name="tracking">Tells a server of it, and outlives this; null for none.</param>
    /// <param name="warn">Takes warnings that are found here, for people.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidInputException">A file cannot be read or written.</exception>
    public RunListeners(
        PreparedRun prepared, TrainingSetup setup, CheckpointKeeper checkpoints, RunTracking? tracking, Action<string> warn,
        TimeProvider time)
    {
        RunFolder folder = prepared.Folder;
        _log = new RunLog(folder, setup.Trainer.StepsDone, time);
        _tracking = tracking;
        try
        {
            _health = new HealthWatch(prepared, setup, warn);
            _board = prepared.Recipe.Tracking.TensorBoard
                ? TensorBoardLog.Begin(folder.TensorBoardFolder, setup.Trainer.StepsDone, time)
                : null;
        }
        catch
        {
            Dispose();
            throw;
        }

        ITrainingListener?[] all =
        [
            _log,
            _tracking,
            _health,
            _board is null ? null : new TensorBoardListener(_board),
            checkpoints,
        ];
        checkpoints.Add(_log);
        checkpoints.Add(_health);
        InOrder = [.. all.OfType<ITrainingListener>()];
    }

    /// <summary>Who hears, in the order in which they hear.</summary>
    public IReadOnlyList<ITrainingListener> InOrder { get; }

    /// <summary>Tokens of the steps heard so far, and of the whole run; null where that is not known.</summary>
    public (long Now, long? All) Tokens => (_log.Tokens, _log.AllTokens);

    /// <summary>
    /// Brings to the disk what must not be older there than a checkpoint; from whichever thread writes one, and after the end too.
    /// </summary>
    /// <exception cref="InvalidInputException">The disk did not take it.</exception>
    public void FlushToDisk()
    {
        _log.FlushToDisk();
        _health!.FlushToDisk();
        _tracking?.FlushToDisk();
    }

    /// <summary>Writes what is only written now and then.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Complete() => _log.Complete();

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        using (_log)
        using (_health)
        {
            _board?.Dispose();
        }
    }
}
