using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Storage;

namespace Habla.Tracking.Mlflow;

/// <summary>
/// Tells a run to MLflow: what happens is written into the spool at once, and a <see cref="MlflowSender"/> brings it to the store.
/// Nothing here throws or waits, but for <see cref="End"/>, which waits for a bounded time.
/// </summary>
internal sealed class MlflowTracker : IDisposable
{
    private readonly RunFolder _folder;
    private readonly MlflowOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly MlflowSpool? _spool;
    private readonly MlflowSender? _sender;
    private bool _warned;
    private bool _ended;

    private MlflowTracker(
        RunFolder folder, TrackingOptions tracking, MlflowEntry start, int afterStep, Action<string> warn, TimeProvider time,
        MlflowOptions options)
    {
        (_folder, _warn, _time, _options) = (folder, warn, time, options);
        try
        {
            _spool = MlflowSpool.Open(folder.MlflowSpoolFile, afterStep);
            _spool.Append(_spool.HasStart ? Resumed(start) : start);
            _sender = MlflowSender.Start(folder, () => Deliver(tracking), options, time);
            Warn();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidInputException or JsonException)
        {
            Warn(error.Message);
        }

        SendAll(MlflowEnd.Files(folder, Now, ["manifest.json", "config.yaml"]));
    }

    /// <summary>Begins to track a run, or goes on with it.</summary>
    /// <param name="folder">The run; its manifest and recipe are written.</param>
    /// <param name="tracking">Where to; its address is not null.</param>
    /// <param name="manifest">The run's manifest.</param>
    /// <param name="afterStep">The step that the run goes on after; 0 for a new run.</param>
    /// <param name="warn">Takes a line for people when something does not work, once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How patient to be; null (the default) for the usual.</param>
    public static MlflowTracker Begin(
        RunFolder folder, TrackingOptions tracking, Manifest manifest, int afterStep, Action<string> warn, TimeProvider time,
        MlflowOptions? options = null) =>
        new(folder, tracking, StartOf(folder, manifest, time), afterStep, warn, time, options ?? new MlflowOptions());

    /// <summary>A step is done.</summary>
    /// <param name="step">What it did.</param>
    public void Step(StepMetrics step)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["epoch"] = step.Epoch,
            ["grad_norm"] = step.GradientNorm,
            ["learning_rate"] = step.LearningRate,
            ["tokens_per_s"] = step.TokensPerSecond,
            [MlflowSpool.TrainLoss] = step.Loss,
        };
        if (step.ValidationLoss is { } loss)
        {
            metrics["val_loss"] = loss;
            metrics["val_ppl"] = step.ValidationPerplexity!.Value;
        }

        if (step.ValidationAccuracy is { } accuracy)
        {
            metrics["val_accuracy"] = accuracy;
        }

        Append(new MlflowEntry { Kind = MlflowEntryKind.Step, Time = Now, Step = step.Step, Metrics = metrics });
        Warn();
    }

    /// <summary>Tells of what does not work, once; each step does.</summary>
    public void Warn() => Warn(_sender?.Problem);

    /// <summary>Brings the spool to the disk, so that a power failure leaves none that is older than a checkpoint.</summary>
    public void FlushToDisk()
    {
        try
        {
            _spool?.FlushToDisk();
        }
        catch (InvalidInputException)
        {
            // The disk's next failure is told by whoever needs it more.
        }
    }

    /// <summary>The run ends; waits a bounded time for the rest to be sent.</summary>
    /// <param name="status">How.</param>
    /// <param name="results">What it came to; null when it failed.</param>
    /// <returns>A line for people: where the run is, or what is left to send and how.</returns>
    public string End(RunStatus status, TrainingResults? results)
    {
        _ended = true;
        SendAll(MlflowEnd.Of(_folder, status, results, Now));
        return Finish(_folder, _sender, _options);
    }

    /// <summary>
    /// Ends what an earlier part has left without an end, though the run folder has one: that part was killed just before it said so.
    /// </summary>
    /// <param name="folder">The run, whose lock the caller has.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How patient to be; null (the default) for the usual.</param>
    /// <returns>A line for people, as from <see cref="End"/>; null when nothing was missing.</returns>
    public static string? EndEarlier(RunFolder folder, TimeProvider time, MlflowOptions? options = null)
    {
        if (!MlflowState.IsIn(folder))
        {
            return null;
        }

        options ??= new MlflowOptions();
        try
        {
            if (!MlflowEnd.Complete(folder))
            {
                return null;
            }

            using var sender = MlflowSender.Start(
                folder, () => MlflowDelivery.Open(folder, MlflowState.Read(folder.MlflowFile), options, time), options, time);
            return Finish(folder, sender, options);
        }
        catch (InvalidInputException error)
        {
            return $"mlflow: {error.Message}";
        }
    }

    /// <summary>Ends the sending; a run that nobody said the end of has failed.</summary>
    public void Dispose()
    {
        if (!_ended)
        {
            End(RunStatus.Failed, null);
        }

        _sender?.Dispose();
        _spool?.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Where to, and how far it is; asked for when nobody else sends, because another sender moves it on.</summary>
    private MlflowDelivery Deliver(TrackingOptions tracking)
    {
        MlflowState state = MlflowState.For(_folder.MlflowFile, MlflowAddress.Resolve(tracking.MlflowUri!), tracking.MlflowExperiment);
        state.Write(_folder.MlflowFile);
        return MlflowDelivery.Open(_folder, state, _options, _time);
    }

    private static string Finish(RunFolder folder, MlflowSender? sender, MlflowOptions options)
    {
        bool sent = sender?.Finish(options.ClosingTime, options.ClosingFailures) ?? false;
        string why = sender?.Problem is { } problem ? $" ({problem})" : "";
        return !sent ? $"mlflow: not everything is sent yet{why}; later: habla runs sync {folder.Path}"
            : $"mlflow: run {sender!.State!.RunId} of {sender.State.Experiment} at {sender.State.Uri}{why}";
    }

    private void SendAll(IEnumerable<MlflowEntry> entries)
    {
        foreach (MlflowEntry entry in entries)
        {
            Append(entry);
        }
    }

    private void Append(MlflowEntry entry)
    {
        try
        {
            _spool?.Append(entry);
        }
        catch (InvalidInputException error)
        {
            Warn(error.Message);
        }
    }

    private void Warn(string? problem)
    {
        if (problem is not null && !_warned)
        {
            _warned = true;
            _warn($"mlflow: {problem}; the run goes on, and what it tells is kept in {_folder.MlflowSpoolFile}");
        }
    }

    private static MlflowEntry Resumed(MlflowEntry start) =>
        start with { Kind = MlflowEntryKind.Resume, Name = null, User = null, Params = null };

    private static MlflowEntry StartOf(RunFolder folder, Manifest manifest, TimeProvider time)
    {
        string path = Path.GetFullPath(folder.Path), name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        SortedDictionary<string, string> tags = MlflowTags.Sorted(
            (MlflowTags.RunName, name), (MlflowTags.User, Environment.UserName), (MlflowTags.SourceName, "habla train"),
            (MlflowTags.SourceType, "LOCAL"), (MlflowTags.GitCommit, manifest.GitSha), (MlflowTags.Version, manifest.Versions.Habla),
            (MlflowTags.CommandLine, string.Join(' ', manifest.CommandLine)), (MlflowTags.Folder, path),
            (MlflowTags.DataSha256, string.Join('\n', manifest.DataSha256.Select(file => $"{file.Value}  {file.Key}"))),
            (MlflowTags.TokenizerSha256, manifest.TokenizerSha256), (MlflowTags.ConfigSha256, ContentHash.OfFile(folder.ConfigFile)));
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten(manifest.Config, "", settings);
        return new MlflowEntry
        {
            Kind = MlflowEntryKind.Start,
            Time = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Name = MlflowLimits.Value(name, MlflowLimits.KeyLength),
            User = Environment.UserName,
            Params = settings,
            Tags = tags,
        };
    }

    /// <summary>Every value of the recipe under its key, <c>section.name</c>.</summary>
    private static void Flatten(JsonNode? node, string key, SortedDictionary<string, string> into)
    {
        if (node is JsonObject group)
        {
            foreach ((string name, JsonNode? inner) in group)
            {
                Flatten(inner, key.Length == 0 ? name : $"{key}.{name}", into);
            }
        }
        else
        {
            into[MlflowLimits.Key(key)] = MlflowLimits.Value(node?.ToString() ?? "null", MlflowLimits.ParamLength);
        }
    }
}
