using System.Text.Json;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary><c>health.jsonl</c>: warnings and looks at the layers, appended as whole lines. It holds no times, so a resumed run's is the same.</summary>
public sealed class HealthLog : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private bool _closed;

    private HealthLog(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Goes on with a log, or begins one: what is past the last step to keep is cut off.</summary>
    /// <param name="path">The log; created when missing.</param>
    /// <param name="afterStep">The last step to keep; 0 for a new run.</param>
    /// <exception cref="InvalidInputException">The file cannot be read or written.</exception>
    public static HealthLog Open(string path, int afterStep)
    {
        IEnumerable<HealthLine> kept = File.Exists(path) && afterStep > 0 ? Read(path).Where(line => line.Step <= afterStep) : [];
        AtomicFile.WriteText(path, string.Concat(kept.Select(line => JsonSerializer.Serialize(line, JsonFormat.Line) + "\n")));
        return Guarded(path, () => new HealthLog(path));
    }

    /// <summary>The whole lines of a log; a half line at its end, left by a killed run, does not count.</summary>
    /// <param name="path">An existing log.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is none of this log.</exception>
    public static IReadOnlyList<HealthLine> Read(string path) => Guarded(path, () =>
    {
        string[] lines = File.ReadAllText(path).Split('\n');
        return lines[..^1].Select((line, i) => Parse(path, i + 1, line)).ToList();
    });

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line; NaN and infinity are written as "NaN", "Infinity" and "-Infinity".</param>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk).</exception>
    public void Append(HealthLine line) => Guarded(_path, () =>
    {
        _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, JsonFormat.Line), (byte)'\n']);
        return true;
    });

    /// <summary>Makes sure that what was appended survives a loss of power; may be called from another thread, and after the end.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
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

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_file)
        {
            _closed = true;
            _file.Dispose();
        }
    }

    private static HealthLine Parse(string path, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<HealthLine>(line, JsonFormat.Line) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"{path}:{number}: this line is none of a health log: {error.Message}", error);
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
