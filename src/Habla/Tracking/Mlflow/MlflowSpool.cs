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
    private static readonly JsonSerializerOptions s_format = new(JsonFormat.Line)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, long> _lastSteps = new(StringComparer.Ordinal);
    private long _length;

    private MlflowSpool(string path)
    {
        foreach ((MlflowEntry entry, long end) in File.Exists(path) ? Read(path, 0) : [])
        {
            Note(entry);
            _length = end;
        }

        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(_file, _length); // a half line is what a killed run was writing
    }

    /// <summary>Opens a spool to go on with, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="JsonException">A line in it is none of a spool.</exception>
    public static MlflowSpool Open(string path) => new(path);

    /// <summary>The last entry that begins, continues or ends the run, or adds a step to it; null in an empty spool.</summary>
    public MlflowEntry? Last { get; private set; }

    /// <summary>Whether the spool has the run's beginning.</summary>
    public bool HasStart { get; private set; }

    /// <summary>
    /// Adds an entry. Metrics of steps that the spool has already are left out: a resumed run goes through the steps after its
    /// checkpoint again, with the same bits.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="IOException">It cannot be written; the spool is as before.</exception>
    public void Append(MlflowEntry entry)
    {
        entry = entry.Kind == MlflowEntryKind.Step ? WithoutKnown(entry) : entry;
        if (entry is { Kind: MlflowEntryKind.Step, Metrics.Count: 0 })
        {
            return;
        }

        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(entry, s_format), (byte)'\n'];
        try
        {
            RandomAccess.Write(_file, line, _length);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, _length);
            throw;
        }

        _length += line.Length;
        Note(entry);
    }

    /// <summary>The whole lines from a position on, each with the position after it.</summary>
    /// <param name="path">An existing spool; it may be growing.</param>
    /// <param name="from">The start of a line.</param>
    /// <param name="atLeast">Bytes to read; more when the first line is longer. All by default.</param>
    /// <exception cref="JsonException">A line is none of a spool.</exception>
    public static IReadOnlyList<(MlflowEntry Entry, long End)> Read(string path, long from, int atLeast = int.MaxValue)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        long rest = file.Length - from;
        for (long size = Math.Min(rest, atLeast); size > 0; size = Math.Min(rest, size * 2))
        {
            byte[] bytes = new byte[size];
            file.Seek(from, SeekOrigin.Begin);
            file.ReadExactly(bytes);
            if (Array.LastIndexOf(bytes, (byte)'\n') is var last and >= 0)
            {
                return Parse(bytes.AsSpan(0, last + 1), from);
            }

            if (size == rest)
            {
                break;
            }
        }

        return [];
    }

    /// <summary>Brings the entries so far to the disk; may be called by another thread, and after the end.</summary>
    /// <exception cref="IOException">The disk did not take them.</exception>
    public void FlushToDisk()
    {
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (ObjectDisposedException)
        {
            // A save that is later than the end of the run: what was spooled is with the system.
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static List<(MlflowEntry Entry, long End)> Parse(ReadOnlySpan<byte> lines, long from)
    {
        var entries = new List<(MlflowEntry Entry, long End)>();
        int start = 0;
        while (start < lines.Length)
        {
            int end = start + lines[start..].IndexOf((byte)'\n');
            MlflowEntry entry = JsonSerializer.Deserialize<MlflowEntry>(lines[start..end], s_format) ?? throw new JsonException("null");
            start = end + 1;
            entries.Add((entry, from + start));
        }

        return entries;
    }

    private MlflowEntry WithoutKnown(MlflowEntry entry) => entry with
    {
        Metrics = new SortedDictionary<string, double>(
            entry.Metrics!.Where(metric => !(_lastSteps.TryGetValue(metric.Key, out long last) && entry.Step <= last)).ToDictionary(),
            StringComparer.Ordinal),
    };

    private void Note(MlflowEntry entry)
    {
        HasStart |= entry.Kind == MlflowEntryKind.Start;
        Last = entry.Kind == MlflowEntryKind.Artifact ? Last : entry;
        foreach (string key in entry.Metrics?.Keys ?? Enumerable.Empty<string>())
        {
            _lastSteps[key] = entry.Step!.Value;
        }
    }
}
