using System.Text.Json;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>train_log.jsonl</c>: one JSON object per step, appended as whole lines that are with the system before
/// <see cref="Append"/> returns, so that a killed run loses nothing it has told.
/// </summary>
public sealed class MetricLog : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private bool _closed;

    private MetricLog(string path, long length)
    {
        _path = path;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _file.SetLength(length);
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Begins an empty log.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static MetricLog Begin(string path) => Guarded(path, () => new MetricLog(path, 0));

    /// <summary>Goes on with a log: a half line and steps that the resumed run will write again are cut off.</summary>
    /// <param name="path">The log; created when missing.</param>
    /// <param name="afterStep">The last step to keep, which is that of the checkpoint resumed from.</param>
    /// <param name="kept">The steps that stay.</param>
    /// <exception cref="InvalidInputException">The file cannot be read or written, or a line that stays is no step.</exception>
    public static MetricLog Resume(string path, int afterStep, out IReadOnlyList<StepMetrics> kept)
    {
        List<StepMetrics> steps = [];
        kept = steps;
        return Guarded(path, () =>
        {
            long length = 0;
            foreach ((StepMetrics metrics, long end) in File.Exists(path) ? WholeLines(path) : [])
            {
                if (metrics.Step > afterStep)
                {
                    break;
                }

                length = end;
                steps.Add(metrics);
            }

            return new MetricLog(path, length);
        });
    }

    /// <summary>The whole lines of a log; a half line at its end, left by a killed run, does not count.</summary>
    /// <param name="path">An existing log.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is no step.</exception>
    public static IReadOnlyList<StepMetrics> Read(string path) =>
        Guarded(path, () => WholeLines(path).Select(line => line.Metrics).ToList());

    /// <summary>Appends a step.</summary>
    /// <param name="metrics">The step; NaN and infinity are written as "NaN", "Infinity" and "-Infinity".</param>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk).</exception>
    public void Append(StepMetrics metrics) => Guarded(_path, () =>
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(metrics, JsonFormat.Line), (byte)'\n'];
        _file.Write(line);
        return true;
    });

    /// <summary>Brings the lines so far to the disk, so that a power failure leaves no log that is older than a checkpoint.</summary>
    /// <remarks>May be called while another thread appends.</remarks>
    /// <exception cref="InvalidInputException">The disk did not take them.</exception>
    public void FlushToDisk()
    {
        lock (_file)
        {
            if (!_closed)
            {
                Guarded(_path, () =>
                {
                    RandomAccess.FlushToDisk(_file.SafeFileHandle);
                    return true;
                });
            }
        }
    }

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose()
    {
        lock (_file)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            try
            {
                RandomAccess.FlushToDisk(_file.SafeFileHandle);
            }
            catch (IOException)
            {
                // Whoever needed the lines on disk has called FlushToDisk, and was told.
            }

            _file.Dispose();
        }
    }

    private static IEnumerable<(StepMetrics Metrics, long End)> WholeLines(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int start = 0;
        for (int number = 1; Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0; number++, start = end + 1)
        {
            yield return (Parse(path, number, bytes.AsSpan(start, end - start)), end + 1);
        }
    }

    private static StepMetrics Parse(string path, int number, ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<StepMetrics>(line, JsonFormat.Line) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"{path}:{number}: this line is no step of a training log: {error.Message}", error);
        }
    }

    private static T Guarded<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot use this log: {error.Message}", error);
        }
    }
}
