using System.Text.Json;

namespace Habla.Tracking.Mlflow;

/// <summary>
/// Brings a spool to a store, in order, each metric once: whenever it is not sure what arrived (a new process, a request without an
/// answer), it first asks the store for the last step of each metric and leaves out what is there. All else may arrive twice.
/// </summary>
internal sealed class MlflowDelivery : IDisposable
{
    private const int ReadBytes = 1 << 18;

    private readonly string _folder;
    private readonly string _spool;
    private readonly string _stateFile;
    private readonly long _upTo;
    private readonly IMlflowStore _store;
    private readonly MlflowBatch _batch = new();
    private Dictionary<string, long>? _latest;
    private volatile MlflowState _state;

    private MlflowDelivery(RunFolder folder, IMlflowStore store, MlflowState state, long upTo)
    {
        (_folder, _spool, _stateFile) = (folder.Path, folder.MlflowSpoolFile, folder.MlflowFile);
        (_store, _state, _upTo) = (store, state, upTo);
    }

    /// <summary>How far it is, as on disk.</summary>
    public MlflowState State => _state;

    /// <summary>Whether all that is in the spool now has been sent.</summary>
    public bool IsDone => Math.Min(new FileInfo(_spool).Length, _upTo) <= _state.SentBytes;

    /// <summary>Why the last entry that the store did not take was refused; null when all were taken.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Makes a delivery to the store that the state names; nothing is sent yet.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="state">Where to, and how far it is.</param>
    /// <param name="options">How patient to be with a server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="upTo">The position in the spool, after a whole line, to stop at; all of it by default, however it grows.</param>
    public static MlflowDelivery Open(
        RunFolder folder, MlflowState state, MlflowOptions options, TimeProvider time, long upTo = long.MaxValue) =>
        new(folder, MlflowStores.Open(state.Uri, options, time), state, upTo);

    /// <summary>Sends what is in the spool.</summary>
    /// <param name="stop">Ends it between two requests, or within one.</param>
    /// <exception cref="MlflowException">Something could not be sent; what was sent before is noted.</exception>
    public async Task Run(CancellationToken stop)
    {
        try
        {
            while (await SendSome(stop).ConfigureAwait(false))
            {
            }
        }
        catch
        {
            _latest = null;
            throw;
        }
        finally
        {
            _batch.Clear();
        }
    }

    /// <summary>Lets the store go.</summary>
    public void Dispose() => _store.Dispose();

    private async Task<bool> SendSome(CancellationToken stop)
    {
        (MlflowEntry Entry, long End)[] entries = Read();
        long end = _state.SentBytes;
        foreach ((MlflowEntry entry, long after) in entries)
        {
            if (entry.Kind != MlflowEntryKind.Step)
            {
                await Flush(end, stop).ConfigureAwait(false);
                await Send(entry, stop).ConfigureAwait(false);
                Save(_state with { SentBytes = after });
            }
            else
            {
                await Add(entry, end, stop).ConfigureAwait(false);
            }

            end = after;
        }

        await Flush(end, stop).ConfigureAwait(false);
        return entries.Length > 0;
    }

    private (MlflowEntry Entry, long End)[] Read()
    {
        try
        {
            (MlflowEntry Entry, long End)[] lines =
                [.. MlflowSpool.Read(_spool, _state.SentBytes, ReadBytes).TakeWhile(line => line.End <= _upTo)];
            if (lines.Length > 0)
            {
                MlflowSpool.FlushToDisk(_spool); // or a power failure could leave a spool that ends before what is noted as sent
            }

            return lines;
        }
        catch (InvalidInputException error)
        {
            // A damaged line stays as it is; whatever else it is may be over soon.
            MlflowFailure failure = error.InnerException is JsonException ? MlflowFailure.Lasting : MlflowFailure.Passing;
            throw new MlflowException(failure, error.Message, error);
        }
    }

    private async Task Send(MlflowEntry entry, CancellationToken stop)
    {
        switch (entry.Kind)
        {
            case MlflowEntryKind.Start:
                await Start(entry, stop).ConfigureAwait(false);
                break;
            case MlflowEntryKind.Resume:
                await LogAll(entry, stop).ConfigureAwait(false);
                await Try(() => _store.Update(Run(), MlflowStatus.Running, null, stop)).ConfigureAwait(false);
                break;
            case MlflowEntryKind.End:
                await LogAll(entry, stop).ConfigureAwait(false);
                await Try(() => _store.Update(Run(), entry.Status!, entry.Time, stop)).ConfigureAwait(false);
                break;
            case MlflowEntryKind.Artifact when Path.Combine(_folder, entry.File!) is var file && File.Exists(file):
                await Try(() => _store.PutArtifact(Run(), entry.File!, file, stop)).ConfigureAwait(false);
                break;
        }
    }

    private async Task Start(MlflowEntry entry, CancellationToken stop)
    {
        if (_state.RunId is null)
        {
            string experiment = await _store.FindOrCreateExperiment(_state.Experiment, stop).ConfigureAwait(false);
            MlflowRun run = await _store.FindOrCreateRun(experiment, _state.Key, entry, stop).ConfigureAwait(false);
            Save(_state with { ExperimentId = run.ExperimentId, RunId = run.RunId, ArtifactUri = run.ArtifactUri });
        }

        await LogAll(entry, stop).ConfigureAwait(false);
    }

    /// <summary>Sends an entry's params and tags, in as many batches as they take.</summary>
    private async Task LogAll(MlflowEntry entry, CancellationToken stop)
    {
        foreach ((string key, string value) in entry.Params ?? [])
        {
            var param = new MlflowParam(key, value);
            if (!_batch.TryAdd(param))
            {
                await SendBatch(stop).ConfigureAwait(false);
                _batch.TryAdd(param);
            }
        }

        foreach ((string key, string value) in entry.Tags ?? [])
        {
            var tag = new MlflowTag(key, value);
            if (!_batch.TryAdd(tag))
            {
                await SendBatch(stop).ConfigureAwait(false);
                _batch.TryAdd(tag);
            }
        }

        await SendBatch(stop).ConfigureAwait(false);
    }

    /// <summary>Adds a step to the batch; a full batch is sent first, and with it all up to a position is sent.</summary>
    private async Task Add(MlflowEntry entry, long before, CancellationToken stop)
    {
        _latest ??= await _store.LatestSteps(Run(), stop).ConfigureAwait(false);
        if (_batch.Metrics.Count + entry.Metrics!.Count > MlflowLimits.MetricsPerBatch)
        {
            await Flush(before, stop).ConfigureAwait(false);
        }

        foreach ((string key, double value) in entry.Metrics)
        {
            long step = entry.Step!.Value;
            if (_latest.TryGetValue(key, out long last) && step <= last)
            {
                continue;
            }

            var metric = new MlflowMetric(key, value, entry.Time, step);
            if (!_batch.TryAdd(metric))
            {
                await Flush(before, stop).ConfigureAwait(false);
                _batch.TryAdd(metric);
            }

            _latest[key] = step;
        }
    }

    private async Task Flush(long end, CancellationToken stop)
    {
        await SendBatch(stop).ConfigureAwait(false);
        if (end > _state.SentBytes)
        {
            Save(_state with { SentBytes = end });
        }
    }

    /// <summary>Sends what the batch holds, if anything, and empties it.</summary>
    private async Task SendBatch(CancellationToken stop)
    {
        if (_batch.Count > 0)
        {
            await Log(_batch, stop).ConfigureAwait(false);
            _batch.Clear();
        }
    }

    /// <summary>Sends a batch; when it is refused, its halves, down to the one entry that is to blame, which is left out.</summary>
    private async Task Log(MlflowBatch batch, CancellationToken stop)
    {
        try
        {
            await _store.Log(Run(), batch, stop).ConfigureAwait(false);
        }
        catch (MlflowException error) when (error.Failure == MlflowFailure.Refused && batch.Count > 1)
        {
            // A run that has been deleted refuses everything: this then says so, and nothing is left out.
            await _store.LatestSteps(Run(), stop).ConfigureAwait(false);
            foreach (MlflowBatch half in batch.Halves())
            {
                await Log(half, stop).ConfigureAwait(false);
            }
        }
        catch (MlflowException error) when (error.Failure == MlflowFailure.Refused)
        {
            Refuse($"{batch}: {error.Message}");
        }
    }

    private async Task Try(Func<Task> request)
    {
        try
        {
            await request().ConfigureAwait(false);
        }
        catch (MlflowException error) when (error.Failure == MlflowFailure.Refused)
        {
            Refuse(error.Message);
        }
    }

    private void Refuse(string why)
    {
        Refusal = why;
        Save(_state with { Refused = _state.Refused + 1 });
    }

    private MlflowRun Run() => _state.Run
        ?? throw new MlflowException(MlflowFailure.Lasting, $"{_spool}: the run's beginning is missing");

    private void Save(MlflowState state)
    {
        try
        {
            state.Write(_stateFile);
            _state = state;
        }
        catch (InvalidInputException error)
        {
            throw new MlflowException(MlflowFailure.Passing, error.Message, error);
        }
    }
}
