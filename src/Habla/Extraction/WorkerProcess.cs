using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Extraction;

/// <summary>A worker that runs: one file at a time. Its memory is limited by its own collector, its time by this process.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int MostComplaints = 1 << 14;
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _folder;
    private readonly BlockingCollection<string> _lines = new(boundedCapacity: 256);
    private readonly StringBuilder _complaints = new();
    private readonly Thread _listener, _complainer;

    private WorkerProcess(Process process, string folder)
    {
        _process = process;
        _folder = folder;
        _listener = new Thread(Listen) { IsBackground = true };
        _complainer = new Thread(Complain) { IsBackground = true };
        _listener.Start();
        _complainer.Start();
    }

    /// <summary>Starts a worker and waits until it is ready.</summary>
    /// <exception cref="SkipException">It does not start.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static WorkerProcess Start(WorkerCommand command, ExtractionOptions options, CancellationToken stop)
    {
        string? folder = null;
        WorkerProcess? worker = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("habla-worker-").FullName;
            worker = new WorkerProcess(Process.Start(StartInfo(command, options, folder))!, folder);
            worker.Send(JsonSerializer.Serialize(options, JsonFormat.Line));
            long started = Stopwatch.GetTimestamp();
            for (string? line; (line = worker.Next(stop)) is null || Parse(line).Ready != true;)
            {
                if (Stopwatch.GetElapsedTime(started) > s_startLimit || worker._lines.IsCompleted)
                {
                    throw new SkipException(SkipReason.ProgramMissing,
                        $"the process that reads such files does not start: {worker.LastWords()}");
                }
            }

            WorkerProcess ready = worker;
            worker = null;
            folder = null;
            return ready;
        }
        catch (Exception error) when (error is Win32Exception or IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SkipException(SkipReason.ProgramMissing, $"the process that reads such files does not start: {OneLine.Of(error)}");
        }
        finally
        {
            if (worker is not null)
            {
                worker.Dispose();
            }
            else if (folder is not null)
            {
                Directory.Delete(folder);
            }
        }
    }

    /// <summary>Has a file read.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="options">Have the limits.</param>
    /// <param name="sink">Takes what is found, also when the worker does not come to the end of the file.</param>
    /// <param name="stop">Ends it early; the worker is of no use afterwards.</param>
    /// <returns>The file's kind.</returns>
    /// <exception cref="SkipException">The worker hangs or has died; it is of no use any more.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Read(string path, ExtractionOptions options, IExtractionSink sink, CancellationToken stop)
    {
        Send(JsonSerializer.Serialize(path, JsonFormat.Line));
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (Next(stop) is not { } line)
            {
                RequireAlive(begun, options);
                continue;
            }

            WorkerMessage message = Parse(line);
            if (message.Begin == true)
            {
                begun = Stopwatch.GetTimestamp();
                sink.Begin(message.Part);
            }
            else if (message.Done is { } kind)
            {
                return kind;
            }

            Pass(message, sink);
        }
    }

    /// <summary>Ends the worker and what it started, and deletes what they left.</summary>
    public void Dispose()
    {
        ProgramPipes.Kill(_process);
        for (int i = 0; i < 500 && !_listener.Join(10); i++)
        {
            // It may wait for room for a line that nobody wants any more.
            while (_lines.TryTake(out _))
            {
            }
        }

        _complainer.Join(TimeSpan.FromSeconds(5));
        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A temporary folder that stays is no reason to stop.
        }
    }

    private static void Pass(WorkerMessage message, IExtractionSink sink)
    {
        if (message.Text is { } text)
        {
            sink.Add(text);
        }

        if (message.Skipped is { } skipped)
        {
            sink.Add(skipped);
        }

        if (message.Fallback == true)
        {
            sink.CountFallback();
        }
    }

    private static ProcessStartInfo StartInfo(WorkerCommand command, ExtractionOptions options, string folder)
    {
        var info = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            UseShellExecute = false,
        };
        info.Environment["DOTNET_GCHeapHardLimit"] =
            ((long)options.MemoryLimitMb << 20).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        info.Environment["DOTNET_gcConcurrent"] = "0";
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        info.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        info.Environment["TMPDIR"] = folder;
        return info;
    }

    private static WorkerMessage Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkerMessage>(line, JsonFormat.Line)!;
        }
        catch (JsonException)
        {
            // A library that writes to standard output, or a worker that died in the middle of a line.
            return new WorkerMessage();
        }
    }

    private void Send(string line)
    {
        try
        {
            _process.StandardInput.Write(line + "\n");
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has died; what follows finds out.
        }
    }

    /// <summary>The next line, or null when none came in a short while.</summary>
    private string? Next(CancellationToken stop) => _lines.TryTake(out string? line, 50, stop) ? line : null;

    private void RequireAlive(long begun, ExtractionOptions options)
    {
        if (_lines.IsCompleted)
        {
            _process.WaitForExit(5000);
            string words = LastWords();
            throw words.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || words.Contains("OutOfMemory", StringComparison.Ordinal)
                ? new SkipException(SkipReason.TooMuchMemory, $"reading it takes more than {options.MemoryLimitMb} MiB")
                : new SkipException(SkipReason.Broken, $"what reads it broke down: {words}", passing: true);
        }

        if (Stopwatch.GetElapsedTime(begun) > options.TimeLimit)
        {
            throw new SkipException(
                SkipReason.TooSlow,
                FormattableString.Invariant($"reading it takes longer than {options.TimeLimit.TotalSeconds:0.###} seconds"));
        }
    }

    private string LastWords()
    {
        _complainer.Join(TimeSpan.FromSeconds(2));
        lock (_complaints)
        {
            string first = _complaints.ToString().Split('\n').FirstOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "";
            return first.Length > 0 ? OneLine.Of(first) : _process.HasExited ? $"exit code {_process.ExitCode}" : "it says nothing";
        }
    }

    private void Listen()
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                _lines.Add(line);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The worker has ended.
        }

        _lines.CompleteAdding();
    }

    private void Complain()
    {
        try
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                lock (_complaints)
                {
                    _complaints.Append(_complaints.Length < MostComplaints ? line + "\n" : "");
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The worker has ended.
        }
    }
}
