using System.Text.Json;
using System.Text.Json.Serialization;
using Habla.Storage;
using Microsoft.Win32.SafeHandles;

namespace Habla.Tracking.Mlflow;

/// <summary>
/// <c>mlflow_spool.jsonl</c>: everything a run has to tell, one JSON object a line, in order. A line is with the system before
/// <see cref="Append"/> returns, so that a killed run loses nothing; one small write is all that a training step pays for tracking.
/// Nothing is ever taken out: what has been sent is a position, kept in <see cref="MlflowState"/>.
/// </summary>
internal sealed class MlflowSpool : IDisposable
{
    /// <summary>The metric that each step has; a step's other metrics come with it, or after it.</summary>
    public const string TrainLoss = "train_loss";

    private static readonly JsonSerializerOptions s_format = new(JsonFormat.Line)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly JsonLines<MlflowEntry> s_lines = new("entry of a spool", s_format);

    private readonly JsonLinesFile<MlflowEntry> _file;
    private readonly Dictionary<string, long> _lastSteps = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lastFiles = new(StringComparer.Ordinal);

    private MlflowSpool(string path, long afterStep)
    {
        // From the end on, up to a step that is not done again: all metrics before that are of earlier steps still.
        foreach ((MlflowEntry? found, long end) in s_lines.ReadBackwards(path))
        {
            MlflowEntry entry = found
                ?? throw new InvalidInputException($"{path}: the line that ends at byte {end} is no entry of a spool, but damaged");
            if (Last is null && entry.Kind == MlflowEntryKind.Artifact)
            {
                _lastFiles.Add(entry.File!);
            }

            Last ??= entry.Kind == MlflowEntryKind.Artifact ? null : entry;
            Note(entry);
            if (entry.Step <= afterStep && entry.Metrics!.ContainsKey(TrainLoss))
            {
                break;
            }
        }

        HasStart = HasStart || (File.Exists(path) && s_lines.Read(path).FirstOrDefault().Line is { Kind: MlflowEntryKind.Start });
        _file = s_lines.Open(path, _ => true); // a half line is what a killed run was writing
    }

    /// <summary>Opens a spool to go on with, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="afterStep">The last step that is not told again, which is that of the checkpoint resumed from.</param>
    /// <exception cref="InvalidInputException">It cannot be read or written, or has a line that is none of a spool.</exception>
    public static MlflowSpool Open(string path, long afterStep) => new(path, afterStep);

    /// <summary>The last entry that begins, continues or ends the run, or adds a step to it; null in an empty spool.</summary>
    public MlflowEntry? Last { get; private set; }

    /// <summary>The files that were told of after <see cref="Last"/>.</summary>
    public IReadOnlySet<string> LastFiles => _lastFiles;

    /// <summary>Whether the spool has the run's beginning.</summary>
    public bool HasStart { get; private set; }

    /// <summary>
    /// Adds an entry. Metrics of steps that the spool has already are left out: a resumed run goes through the steps after its
    /// checkpoint again, with the same bits.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="InvalidInputException">It cannot be written; the spool is as before.</exception>
    public void Append(MlflowEntry entry)
    {
        entry = entry.Kind == MlflowEntryKind.Step ? WithoutKnown(entry) : entry;
        if (entry is { Kind: MlflowEntryKind.Step, Metrics.Count: 0 })
        {
            return;
        }

        _file.Append(entry);
        if (entry.Kind == MlflowEntryKind.Artifact)
        {
            _lastFiles.Add(entry.File!);
        }
        else
        {
            Last = entry;
            _lastFiles.Clear();
        }

        Note(entry);
    }

    /// <summary>The whole lines from a position on, each with the position after it.</summary>
    /// <param name="path">An existing spool; it may be growing.</param>
    /// <param name="from">The start of a line.</param>
    /// <param name="most">Bytes to read; more when the first line is longer. All by default.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or a line is none of a spool.</exception>
    public static IReadOnlyList<(MlflowEntry Entry, long End)> Read(string path, long from, int most = int.MaxValue) =>
        [.. s_lines.Read(path, from).TakeWhile((line, i) => i == 0 || line.End - from <= most)];

    /// <summary>Brings the entries so far to the disk; may be called by another thread, and after the end.</summary>
    /// <exception cref="InvalidInputException">The disk did not take them.</exception>
    public void FlushToDisk() => _file.FlushToDisk();

    /// <summary>Brings all that is in a spool to the disk, whoever wrote it.</summary>
    /// <param name="path">An existing spool; it may be growing.</param>
    /// <exception cref="InvalidInputException">The disk did not take it.</exception>
    public static void FlushToDisk(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private MlflowEntry WithoutKnown(MlflowEntry entry) => entry with
    {
        Metrics = new SortedDictionary<string, double>(
            entry.Metrics!.Where(metric => !(_lastSteps.TryGetValue(metric.Key, out long last) && entry.Step <= last)).ToDictionary(),
            StringComparer.Ordinal),
    };

    private void Note(MlflowEntry entry)
    {
        HasStart |= entry.Kind == MlflowEntryKind.Start;
        foreach (string key in entry.Metrics?.Keys ?? Enumerable.Empty<string>())
        {
            _lastSteps[key] = Math.Max(entry.Step!.Value, _lastSteps.GetValueOrDefault(key));
        }
    }
}
