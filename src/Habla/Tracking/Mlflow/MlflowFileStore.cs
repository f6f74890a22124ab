using System.Globalization;
using System.Text;
using Habla.Storage;

namespace Habla.Tracking.Mlflow;

/// <summary>
/// A folder that is laid out as MLflow's file store (<c>mlruns</c>): an experiment is a folder with <c>meta.yaml</c>, a run in it a
/// folder with <c>meta.yaml</c> and a file for each metric, param and tag. For machines without a server.
/// </summary>
/// <remarks>
/// MLflow cannot read a run in which one metric's file is empty or has a blank line, so such a file comes into being with its first
/// line, by a rename, and what a killed process or a full disk may have left is mended before anything is added. What has been told is on
/// the disk when a call returns, because it is then noted as sent.
/// </remarks>
internal sealed class MlflowFileStore : IMlflowStore
{
    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _mended = [];

    /// <summary>Makes a store; nothing is written yet.</summary>
    /// <param name="root">The folder, such as <c>mlruns</c>; it need not exist.</param>
    /// <param name="time">The clock.</param>
    public MlflowFileStore(string root, TimeProvider time) => (_root, _time) = (Path.GetFullPath(root), time);

    /// <summary>How files that are not replaced whole are opened to be written; for tests of disks that fail.</summary>
    internal Func<string, FileMode, FileStream> OpenFile { get; init; } =
        static (path, mode) => new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public Task<string> FindOrCreateExperiment(string name, CancellationToken stop) => Guarded(() =>
    {
        Directory.CreateDirectory(_root);

        // Runs of a grid begin at the same time and may not make the experiment twice.
        using var alone = new FileStream(Path.Combine(_root, ".habla-lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        if (FindExperiment(Path.Combine(_root, ".trash"), name) is { } deleted)
        {
            throw new MlflowException(
                MlflowFailure.Lasting,
                $"the experiment {name} has been deleted in {_root}; restore it (mlflow experiments restore --experiment-id {deleted}) "
                + "or set another tracking.mlflow.experiment");
        }

        return FindExperiment(_root, name) ?? MakeExperiment(name == "Default" ? "0" : NewNumber(), name);
    });

    public Task<MlflowRun> FindOrCreateRun(string experimentId, string key, MlflowEntry start, CancellationToken stop) => Guarded(() =>
    {
        // The key serves as the id, so a run that was made before this process was killed is found by its name.
        var run = new MlflowRun(experimentId, key, UriOf(Path.Combine(_root, experimentId, key, "artifacts")));
        string folder = FolderOf(run);
        foreach (string inner in (string[])["metrics", "params", "tags", "artifacts"])
        {
            Directory.CreateDirectory(Path.Combine(folder, inner));
        }

        WriteTexts(run, "tags", [.. start.Tags ?? [], new(MlflowTags.Key, key)]);
        if (!File.Exists(MetaOf(run)))
        {
            MlflowYaml.Write(MetaOf(run), new SortedDictionary<string, object?>(StringComparer.Ordinal)
            {
                ["artifact_uri"] = run.ArtifactUri,
                ["deleted_time"] = null,
                ["end_time"] = null,
                ["entry_point_name"] = "",
                ["experiment_id"] = experimentId,
                ["lifecycle_stage"] = "active",
                ["run_id"] = key,
                ["run_name"] = start.Name,
                ["run_uuid"] = key,
                ["source_name"] = "",
                ["source_type"] = 4, // local
                ["source_version"] = "",
                ["start_time"] = start.Time,
                ["status"] = MlflowStatus.NumberOf(MlflowStatus.Running),
                ["tags"] = Array.Empty<string>(),
                ["user_id"] = start.User,
            });
        }

        FolderSync.Flush(folder);
        FolderSync.Flush(Path.GetDirectoryName(folder)!);
        FolderSync.Flush(_root);
        return run;
    });

    public Task<Dictionary<string, long>> LatestSteps(MlflowRun run, CancellationToken stop) => Guarded(() =>
    {
        string metrics = Path.Combine(FolderOf(run), "metrics");
        if (!Directory.Exists(metrics))
        {
            throw new MlflowException(MlflowFailure.Lasting, $"{FolderOf(run)}: the run is not there any more");
        }

        var steps = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(metrics, "*", SearchOption.AllDirectories))
        {
            Mend(file);
            if (File.Exists(file))
            {
                string key = Path.GetRelativePath(metrics, file).Replace(Path.DirectorySeparatorChar, '/');
                steps[key] = File.ReadLines(file).Max(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
            }
        }

        return steps;
    });

    public Task Log(MlflowRun run, MlflowBatch batch, CancellationToken stop) => Guarded(() =>
    {
        foreach (IGrouping<string, MlflowMetric> metric in batch.Metrics.GroupBy(metric => metric.Key, StringComparer.Ordinal))
        {
            Append(run, metric.Key, string.Concat(metric.Select(Line)));
        }

        WriteTexts(run, "params", batch.Params.Select(param => KeyValuePair.Create(param.Key, param.Value)));
        WriteTexts(run, "tags", batch.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value)));
        return true;
    });

    public Task Update(MlflowRun run, string status, long? endTime, CancellationToken stop) => Guarded(() =>
    {
        SortedDictionary<string, object?> meta = MlflowYaml.Read(MetaOf(run))
            ?? throw new MlflowException(MlflowFailure.Lasting, $"{MetaOf(run)}: the run is not there any more");
        meta["status"] = MlflowStatus.NumberOf(status);
        meta["end_time"] = endTime;
        MlflowYaml.Write(MetaOf(run), meta);
        return true;
    });

    public Task PutArtifact(MlflowRun run, string name, string file, CancellationToken stop) => Guarded(() =>
    {
        AtomicFile.Write(Path.Combine(FolderOf(run), "artifacts", name), target =>
        {
            using FileStream source = File.OpenRead(file);
            source.CopyTo(target);
        });
        return true;
    });

    public void Dispose()
    {
    }

    /// <summary>Milliseconds, the number with a point whatever the language, the step.</summary>
    private static string Line(MlflowMetric metric) =>
        string.Create(CultureInfo.InvariantCulture, $"{metric.Timestamp} {metric.Value:R} {metric.Step}\n");

    private string FolderOf(MlflowRun run) => Path.Combine(_root, run.ExperimentId, run.RunId);

    private string MetaOf(MlflowRun run) => Path.Combine(FolderOf(run), "meta.yaml");

    private static string UriOf(string path) => new Uri(path).AbsoluteUri;

    private static string? FindExperiment(string folder, string name) => !Directory.Exists(folder) ? null
        : Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            .Where(experiment => MlflowYaml.Read(Path.Combine(experiment, "meta.yaml"))?.GetValueOrDefault("name") as string == name)
            .Select(Path.GetFileName)
            .FirstOrDefault();

    private string MakeExperiment(string id, string name)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        MlflowYaml.Write(Path.Combine(_root, id, "meta.yaml"), new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["artifact_location"] = UriOf(Path.Combine(_root, id)),
            ["creation_time"] = now,
            ["experiment_id"] = id,
            ["last_update_time"] = now,
            ["lifecycle_stage"] = "active",
            ["name"] = name,
        });
        return id;
    }

    /// <summary>Eighteen digits, as MLflow's own.</summary>
    private static string NewNumber() => (100_000_000_000_000_000
        + (BitConverter.ToUInt64(Guid.NewGuid().ToByteArray()) % 900_000_000_000_000_000)).ToString(CultureInfo.InvariantCulture);

    private void Append(MlflowRun run, string key, string lines)
    {
        string file = Path.Combine(FolderOf(run), "metrics", key);
        Mend(file);
        if (!File.Exists(file))
        {
            string folder = Path.GetDirectoryName(file)!;
            Directory.CreateDirectory(folder);
            string first = Path.Combine(FolderOf(run), "metric" + AtomicFile.TemporarySuffix);
            Write(first, FileMode.Create, lines);
            File.Move(first, file);
            FolderSync.Flush(folder);
            return;
        }

        try
        {
            Write(file, FileMode.Append, lines);
        }
        catch
        {
            _mended.Remove(file); // a part of the lines may be there
            throw;
        }
    }

    /// <summary>
    /// Takes a half line away, and a file that then has none. What stays counts as told, so it is brought to the disk: whoever wrote it may
    /// have been killed before that.
    /// </summary>
    private void Mend(string file)
    {
        if (_mended.Contains(file) || !File.Exists(file))
        {
            return;
        }

        byte[] bytes = File.ReadAllBytes(file);
        int length = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (length == 0)
        {
            File.Delete(file);
        }
        else
        {
            using FileStream stream = OpenFile(file, FileMode.Open);
            if (length < bytes.Length)
            {
                stream.SetLength(length);
            }

            stream.Flush(flushToDisk: true);
        }

        _mended.Add(file);
    }

    private void WriteTexts(MlflowRun run, string kind, IEnumerable<KeyValuePair<string, string>> texts)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, string value) in texts)
        {
            string file = Path.Combine(FolderOf(run), kind, key), folder = Path.GetDirectoryName(file)!;
            Directory.CreateDirectory(folder);
            folders.Add(folder);
            Write(file, FileMode.Create, value);
        }

        foreach (string folder in folders)
        {
            FolderSync.Flush(folder);
        }
    }

    private void Write(string file, FileMode mode, string text)
    {
        using FileStream stream = OpenFile(file, mode);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    private static Task<T> Guarded<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidInputException)
        {
            throw new MlflowException(MlflowFailure.Passing, error.Message, error);
        }
        catch (FormatException error)
        {
            throw new MlflowException(MlflowFailure.Lasting, $"a metric's file is damaged: {error.Message}", error);
        }
    }
}
