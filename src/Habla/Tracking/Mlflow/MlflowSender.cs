namespace Habla.Tracking.Mlflow;

/// <summary>
/// Sends a spool in the background for as long as a run goes on, with retries that come ever later, and never lets a failure out: the
/// spool keeps what could not be sent. One sender at a time serves a run folder; a lock file sees to that, across processes.
/// </summary>
internal sealed class MlflowSender : IDisposable
{
    private readonly MlflowDelivery _delivery;
    private readonly IMlflowStore _store;
    private readonly MlflowOptions _options;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Task _work;
    private volatile bool _closing;
    private volatile int _mostFailures = int.MaxValue;
    private volatile string? _problem;

    private MlflowSender(MlflowDelivery delivery, IMlflowStore store, FileStream alone, MlflowOptions options, TimeProvider time)
    {
        (_delivery, _store, _lock, _options, _time) = (delivery, store, alone, options, time);
        _work = Task.Run(Work);
    }

    /// <summary>Why the last try failed, or why an entry was refused; null when all is well.</summary>
    public string? Problem => _problem ?? _delivery.Refusal;

    /// <summary>How far it is.</summary>
    public MlflowState State => _delivery.State;

    /// <summary>Whether all that is in the spool has been sent.</summary>
    public bool IsDone => _delivery.IsDone;

    /// <summary>Starts to send a run folder's spool.</summary>
    /// <param name="folder">The run; its spool exists.</param>
    /// <param name="state">Where to, and how far it is.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prepare">What to do before, when no other sender is at work; nothing by default.</param>
    /// <returns>The sender; null when another one is at work on this folder.</returns>
    public static MlflowSender? Start(
        RunFolder folder, MlflowState state, MlflowOptions options, TimeProvider time, Action? prepare = null)
    {
        FileStream alone;
        try
        {
            alone = new FileStream(folder.MlflowLockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }

        try
        {
            prepare?.Invoke();
        }
        catch
        {
            alone.Dispose();
            throw;
        }

        IMlflowStore store = MlflowStores.Open(state.Uri, options, time);
        return new MlflowSender(new MlflowDelivery(folder, store, state), store, alone, options, time);
    }

    /// <summary>Waits until the spool is sent, but no longer than that.</summary>
    /// <param name="most">The longest wait.</param>
    /// <param name="failures">Failures in a row after which it is no use to wait.</param>
    /// <returns>Whether everything was sent.</returns>
    public bool Finish(TimeSpan most, int failures)
    {
        _mostFailures = failures;
        _closing = true;
        _wake.Release();
        if (!_work.Wait(most))
        {
            _problem ??= $"{State.Uri} was too slow to take everything in {most.TotalSeconds:0.#} s";
        }

        return _work.IsCompleted && IsDone;
    }

    /// <summary>Ends the work, whatever is left.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _work.Wait();
        _store.Dispose();
        _lock.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task Work()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            bool closing = _closing; // asked first: what was spooled before closing is then seen by the delivery
            TimeSpan wait = _options.Interval;
            try
            {
                await _delivery.Run(_stop.Token).ConfigureAwait(false);
                (failures, _problem) = (0, null);
                if (closing)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (MlflowException error) when (error.Failure == MlflowFailure.Passing)
            {
                _problem = error.Message;
                failures++;
                wait = error.RetryAfter ?? _options.FirstDelay * Math.Pow(2, Math.Min(failures - 1, 30));
                wait = wait < _options.MostDelay ? wait : _options.MostDelay;
            }
#pragma warning disable CA1031 // Whatever it is, it may not end a run that trains.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _problem = error.Message;
                return;
            }

            if (closing && failures >= _mostFailures)
            {
                return;
            }

            await Wait(wait, closing).ConfigureAwait(false);
        }
    }

    /// <summary>Waits; when the run ends meanwhile, it goes on at once.</summary>
    private async Task Wait(TimeSpan time, bool closing)
    {
        try
        {
            if (closing)
            {
                await Task.Delay(time, _time, _stop.Token).ConfigureAwait(false);
            }
            else
            {
                await _wake.WaitAsync(time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The loop sees it too.
        }
    }
}
