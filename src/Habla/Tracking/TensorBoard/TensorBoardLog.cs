using System.Globalization;
using Google.Protobuf;

namespace Habla.Tracking.TensorBoard;

/// <summary>
/// A run's event file for TensorBoard: each step's loss, learning rate, gradient norm and speed, and the validation loss where there
/// is one. Written at most once a second, whole records at a time, and at the end.
/// </summary>
/// <remarks>
/// A resumed run begins another file: TensorBoard reads all files of a folder in the order of their names as one run. The new file says
/// from which step on it counts, and TensorBoard then forgets what earlier files tell of that step and those after it.
/// </remarks>
public sealed class TensorBoardLog : IDisposable
{
    private const string FileVersion = "brain.Event:2";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly FileStream _file;
    private readonly MemoryStream _waiting = new();
    private long _lastWrite;

    private TensorBoardLog(string path, TimeProvider time)
    {
        (FilePath, _time, _lastWrite) = (path, time, time.GetTimestamp());
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>The file's path.</summary>
    public string FilePath { get; }

    /// <summary>Begins a file that tells of the steps after a given one.</summary>
    /// <param name="folder">The folder of the run's event files; made when missing.</param>
    /// <param name="afterStep">Updates done before: 0 for a new run, the checkpoint's step for a resumed one.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static TensorBoardLog Begin(string folder, int afterStep, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegative(afterStep);
        ArgumentNullException.ThrowIfNull(time);
        return Guarded(folder, () =>
        {
            Directory.CreateDirectory(folder);
            var log = new TensorBoardLog(Path.Combine(folder, NextName(folder, time)), time);
            log.Write(new Event { FileVersion = FileVersion });
            log.Write(new Event
            {
                Step = afterStep + 1L,
                SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start },
            });
            log.Flush();
            return log;
        });
    }

    /// <summary>Adds a step.</summary>
    /// <param name="step">The step; numbers are written as float32, NaN and infinity as such.</param>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk).</exception>
    public void Add(StepMetrics step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var summary = new Summary();
        Put(summary, "loss/train", step.Loss);
        if (step.ValidationLoss is { } validation)
        {
            Put(summary, "loss/validation", validation);
        }

        Put(summary, "learning_rate", step.LearningRate);
        Put(summary, "gradient_norm", step.GradientNorm);
        Put(summary, "tokens_per_second", step.TokensPerSecond);
        Write(new Event { Step = step.Step, Summary = summary });
        if (_time.GetElapsedTime(_lastWrite) >= Interval)
        {
            Flush();
        }
    }

    /// <summary>Writes what is waiting.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk).</exception>
    public void Flush() => Guarded(FilePath, () =>
    {
        ReadOnlySpan<byte> records = _waiting.GetBuffer().AsSpan(0, (int)_waiting.Length);

        // Emptied first: what a full disk took half of must not be written a second time when the file is closed.
        _waiting.SetLength(0);
        _file.Write(records);
        _lastWrite = _time.GetTimestamp();
        return true;
    });

    /// <summary>Writes what is waiting and closes the file.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk).</exception>
    public void Dispose()
    {
        try
        {
            Flush();
        }
        finally
        {
            _file.Dispose();
        }
    }

    /// <summary>
    /// The time in seconds, then the host. Later than every file that is there, whatever the clock says: their names are their order.
    /// </summary>
    private static string NextName(string folder, TimeProvider time)
    {
        long seconds = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (string file in Directory.EnumerateFiles(folder, EventFiles.Prefix + "*"))
        {
            string[] parts = Path.GetFileName(file)[EventFiles.Prefix.Length..].Split('.');
            if (long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long other))
            {
                seconds = Math.Max(seconds, other + 1);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{EventFiles.Prefix}{seconds:0000000000}.{Environment.MachineName}");
    }

    private static void Put(Summary summary, string tag, double value) =>
        summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });

    private void Write(Event message)
    {
        message.WallTime = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        EventRecord.Write(_waiting, message.ToByteArray());
    }

    private static T Guarded<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"{path}: cannot write TensorBoard's events: {error.Message.TrimEnd('.')}; "
                + "free some space, or go on without them (tracking.tensorboard: false)",
                error);
        }
    }
}
