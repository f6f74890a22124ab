namespace Habla.Checkpoints;

/// <summary>
/// Writes checkpoints beside the loop, one at a time. The loop copies what is to be saved and goes on; it waits only when the save
/// before is not done yet. What goes wrong there is told here, at the next call.
/// </summary>
/// <param name="takeSnapshot">Makes the buffers, when the first save needs them.</param>
internal sealed class BackgroundSave(Func<CheckpointSnapshot> takeSnapshot) : IDisposable
{
    private CheckpointSnapshot? _snapshot;
    private Task _task = Task.CompletedTask;

    /// <summary>Copies the run and has the copy written.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <param name="save">Writes it; called on another thread.</param>
    /// <exception cref="InvalidInputException">The save before this one has failed; this one is not begun.</exception>
    public void Start(TrainingState state, Action<CheckpointContent> save)
    {
        Wait();
        _snapshot ??= takeSnapshot();
        CheckpointContent content = _snapshot.Take(state);
        _task = Task.Run(() => save(content));
    }

    /// <summary>Tells of a save that has failed by now; does not wait for one that goes on.</summary>
    /// <exception cref="InvalidInputException">It has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_task.IsFaulted)
        {
            Wait();
        }
    }

    /// <summary>Waits until nothing is being written.</summary>
    /// <exception cref="InvalidInputException">The save has failed; told once.</exception>
    public void Wait()
    {
        Task task = _task;
        try
        {
            task.GetAwaiter().GetResult();
        }
        finally
        {
            _task = Task.CompletedTask;
        }
    }

    /// <summary>
    /// Waits, and gives the memory back. A failure is not told any more: whoever needs the save has called <see cref="Wait"/>.
    /// </summary>
    public void Dispose()
    {
        try
        {
            Wait();
        }
        catch (InvalidInputException)
        {
        }

        _snapshot?.Dispose();
    }
}
