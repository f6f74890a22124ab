using System.Collections.Concurrent;

namespace Habla.Extraction;

/// <summary>
/// Has files read by workers: as many as there are threads asking, started when needed and kept. A worker that passes the time limit or
/// dies is replaced, and what it had found by then is kept.
/// </summary>
internal sealed class IsolatedExtractor(WorkerCommand command, ExtractionOptions options) : IDisposable
{
    private readonly ConcurrentBag<WorkerProcess> _idle = [];

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="kind">What it seems to be; named when the worker does not come to say it.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public ExtractionResult Extract(string path, string kind, CancellationToken stop)
    {
        var sink = new CollectingSink();
        WorkerProcess? worker = null;
        try
        {
            if (!_idle.TryTake(out worker))
            {
                worker = WorkerProcess.Start(command, options, stop);
            }

            string found = worker.Read(path, options, sink, stop);
            _idle.Add(worker);
            worker = null;
            return sink.Result(found);
        }
        catch (SkipException skip)
        {
            string detail = sink.Current is null ? skip.Message : $"{skip.Message}; nothing after this was read";
            sink.Add(skip.Told(kind, sink.Current) with { Detail = detail });
            return sink.Result(kind);
        }
        finally
        {
            worker?.Dispose();
        }
    }

    /// <summary>Ends the workers.</summary>
    public void Dispose()
    {
        while (_idle.TryTake(out WorkerProcess? worker))
        {
            worker.Dispose();
        }
    }
}
