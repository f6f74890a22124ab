using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Extraction;

/// <summary>
/// The other end of a <see cref="WorkerCommand"/>: reads files for the process that started it, until
/// that closes its end of the pipe or dies.
/// Lines of JSON go both ways: in come the options and then a path a line, out come the parts of each file as they are found.
/// </summary>
public static class ExtractionWorker
{
    /// <summary>How long a file that is being read may go on when nobody waits for it any more.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Serves until the input ends.</summary>
    /// <param name="input">The options and the paths.</param>
    /// <param name="output">Takes the parts.</param>
    /// <param name="abandon">Ends this process at once; called when a file is still being read a while after the input has ended.</param>
    public static void Serve(Stream input, Stream output, Action abandon)
    {
        ArgumentNullException.ThrowIfNull(abandon);

        // Ctrl-C reaches every process of the terminal; the one that asked decides what becomes of what is being read.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var stop = new CancellationTokenSource();
        using var finished = new ManualResetEventSlim();
        using var lines = new BlockingCollection<string>();
        var listener = new Thread(() => Listen(input, lines, stop, finished, abandon)) { IsBackground = true };
        listener.Start();
        using var writer = new StreamWriter(output, new UTF8Encoding(false)) { NewLine = "\n" };
        try
        {
            Serve(lines, writer, stop.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // Nobody waits for an answer any more.
        }
        finally
        {
            finished.Set();
        }
    }

    private static void Serve(BlockingCollection<string> lines, StreamWriter writer, CancellationToken stop)
    {
        if (!lines.TryTake(out string? first, Timeout.Infinite, stop))
        {
            return;
        }

        ExtractionOptions options = JsonSerializer.Deserialize<ExtractionOptions>(first, JsonFormat.Line)!;
        var programs = new Programs(options);
        var reader = new FileReader();
        var sink = new WritingSink(writer);
        sink.Write(new WorkerMessage { Ready = true });
        writer.Flush();
        foreach (string line in lines.GetConsumingEnumerable(stop))
        {
            string path = JsonSerializer.Deserialize<string>(line, JsonFormat.Line)!, kind = KindDetector.Guess(path);
            try
            {
                kind = reader.Read(SourceContent.OfFile(path), new FileReading(options, programs, sink, stop));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                sink.Add(new SkippedPart(kind, null, SkipReason.Unreadable, OneLine.Of(error), Passing: true));
            }

            sink.Write(new WorkerMessage { Done = kind });
            writer.Flush();
        }
    }

    private static void Listen(
        Stream input, BlockingCollection<string> lines, CancellationTokenSource stop, ManualResetEventSlim finished, Action abandon)
    {
        try
        {
            using var reader = new StreamReader(input, new UTF8Encoding(false));
            while (reader.ReadLine() is { } line)
            {
                lines.Add(line);
            }

            // What is being read is wanted by nobody. Programs that it started are ended with it.
            stop.Cancel();
            if (!finished.Wait(s_patience))
            {
                abandon();
            }
        }
        catch (ObjectDisposedException)
        {
            // Served to the end in the meantime.
        }
    }

    /// <summary>Writes each part as it is found, so that what was found before a file hangs is not lost with it.</summary>
    private sealed class WritingSink(StreamWriter writer) : IExtractionSink
    {
        private static readonly JsonSerializerOptions s_format =
            new(JsonFormat.Line) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

        public void Add(ExtractedText text) => Write(new WorkerMessage { Text = text });

        public void Add(SkippedPart part) => Write(new WorkerMessage { Skipped = part });

        public void CountFallback() => Write(new WorkerMessage { Fallback = true });

        public void Begin(string? part)
        {
            Write(new WorkerMessage { Begin = true, Part = part });
            writer.Flush();
        }

        public void Write(WorkerMessage message) => writer.WriteLine(JsonSerializer.Serialize(message, s_format));
    }
}
