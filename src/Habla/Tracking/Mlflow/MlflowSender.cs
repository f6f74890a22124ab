namespace Habla.Tracking.Mlflow;

/// <summary>
/// Sends a spool in the background for as long as a run goes on, with retries that come ever later, and never lets a failure out: the
/// spool keeps what could not be sent. One sender at a time serves a run folder; a lock file sees to that, across processes.
/// </summary>
internal sealed class MlflowSender : IDisposable
{
    private readonly string _lockFile;
    private readonly Func<MlflowDelivery> _open;
    private readonly MlflowOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Task _work;
    private FileStream? _lock;
    private volatile MlflowDelivery? _delivery;
    private volatile bool _closing;
    private volatile int _mostFailures = int.MaxValue;
    private volatile string? _problem;

    private MlflowSender(RunFolder folder, Func<MlflowDelivery> open, MlflowOptions options, TimeProvider time, bool waits)
    {
        (_lockFile, _open, _options, _time) = (folder.MlflowLockFile, open, options, time);
        _work = TakeOver() || waits ? Task.Run(Work) : Task.CompletedTask;
    }

    /// <summary>Why the last try failed, or why an entry was refused; null when all is well.</summary>
    public string? Problem => _problem ?? _delivery?.Refusal;

    /// <summary>How far it is; null while another sender is at work.</summary>
    public MlflowState? State => _delivery?.State;

    /// <summary>Whether all that is in the spool has been sent.</summary>
    public bool IsDone => _delivery?.IsDone == true;

    /// <summary>Starts to send a run folder's spool, once no other sender is at work on it.</summary>
    /// <param name="folder">The run; its spool exists.</param>
    /// <param name="open">Makes the delivery when no other sender is at work, and nobody else moves it on.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="time">The clock.</param>
    public static MlflowSender Start(RunFolder folder, Func<MlflowDelivery> open, MlflowOptions options, TimeProvider time) =>
        new(folder, open, options, time, waits: true);

    /// <summary>As <see cref="Start"/>, but only if no other sender is at work now.</summary>
    /// <param name="folder">The run; its spool exists.</param>
    /// <param name="open">Makes the delivery.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The sender; null when another one is at work on this folder.</returns>
    public static MlflowSender? TryStart(RunFolder folder, Func<MlflowDelivery> open, MlflowOptions options, TimeProvider time)
    {
        var sender = new MlflowSender(folder, open, options, time, waits: false);
        if (sender._delivery is null)
        {
            sender.Dispose();
            return null;
        }

        return sender;
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
            _problem ??= $"{State?.Uri} was too slow to take everything in {most.TotalSeconds:0.#} s";
        }

        return _work.IsCompleted && IsDone;
    }

    /// <summary>Ends the work, whatever is left.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _work.Wait();
        _delivery?.Dispose();
        _lock?.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    /// <summary>Becomes the one that sends, unless another is; it may be asked for again.</summary>
    /// <returns>Whether this is the one.</returns>
    private bool TakeOver()
    {
        if (_delivery is not null)
        {
            return true;
        }

        try
        {
            _lock = new FileStream(_lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            _problem = "another process is sending this run's spool";
            return false;
        }

        try
        {
            _delivery = _open();
            _problem = null;
            return true;
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
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
                if (TakeOver())
                {
                    await _delivery!.Run(_stop.Token).ConfigureAwait(false);
                    (failures, _problem) = (0, null);
                    if (closing)
                    {
                        return;
                    }
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
