using System.Runtime.ExceptionServices;

namespace Habla.Ingestion;

/// <summary>
/// Works on numbered items on several threads and hands the results over in order. How far the threads may be ahead of the one that
/// takes the results is bounded by number and by bytes.
/// </summary>
/// <param name="Threads">How many work.</param>
/// <param name="MostAhead">The most results that wait.</param>
/// <param name="MostBytesAhead">The most bytes that they may take together; one result may be larger when it is alone.</param>
internal sealed record OrderedWork(int Threads, int MostAhead, long MostBytesAhead)
{
    /// <summary>Gives the results in order; the threads end before the enumeration does.</summary>
    /// <param name="count">How many items.</param>
    /// <param name="bytes">About how much memory an item's result will take.</param>
    /// <param name="taken">About how much a result does take.</param>
    /// <param name="work">The work; what it throws, the enumeration throws.</param>
    /// <param name="stop">Ends it early.</param>
    public IEnumerable<TResult> Run<TResult>(
        int count, Func<int, long> bytes, Func<TResult, long> taken, Func<int, CancellationToken, TResult> work,
        CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var window = new Window<TResult>(count, MostAhead, MostBytesAhead, bytes, taken);
        using CancellationTokenRegistration wake = ending.Token.Register(window.End);
        Thread[] threads = new Thread[Math.Min(Threads, count)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = NewThread(() => Work(window, work, ending.Token));
        }

        try
        {
            Array.ForEach(threads, thread => thread.Start());
            for (int i = 0; i < count; i++)
            {
                yield return window.Take(i, stop);
            }
        }
        finally
        {
            ending.Cancel();
            Array.ForEach(threads, thread => thread.Join());
        }
    }

    private static Thread NewThread(ThreadStart start) => new(start) { IsBackground = true, Name = "ingestion" };

    private static void Work<TResult>(Window<TResult> window, Func<int, CancellationToken, TResult> work, CancellationToken stop)
    {
        while (window.Next() is { } item)
        {
            try
            {
                window.Put(item, work(item, stop));
            }
            catch (Exception error)
            {
                window.Fail(ExceptionDispatchInfo.Capture(error));
                return;
            }
        }
    }

    /// <summary>The results between the threads and the one that takes them.</summary>
    private sealed class Window<TResult>(int count, int mostAhead, long mostBytes, Func<int, long> bytes, Func<TResult, long> taken)
    {
        private readonly object _lock = new();
        private readonly Dictionary<int, TResult> _done = [];
        private int _next, _taken;
        private long _held;
        private bool _ended;
        private ExceptionDispatchInfo? _error;

        /// <summary>The next item, as soon as there is room for its result; null when there is none left.</summary>
        public int? Next()
        {
            lock (_lock)
            {
                while (!_ended && _next < count && _next > _taken
                    && (_next - _taken >= mostAhead || _held + bytes(_next) > mostBytes))
                {
                    Monitor.Wait(_lock);
                }

                if (_ended || _next == count)
                {
                    return null;
                }

                _held += bytes(_next);
                return _next++;
            }
        }

        public void Put(int item, TResult result)
        {
            lock (_lock)
            {
                _done[item] = result;
                _held += taken(result) - bytes(item);
                Monitor.PulseAll(_lock);
            }
        }

        public void Fail(ExceptionDispatchInfo error)
        {
            lock (_lock)
            {
                _error ??= error;
                _ended = true;
                Monitor.PulseAll(_lock);
            }
        }

        public void End()
        {
            lock (_lock)
            {
                _ended = true;
                Monitor.PulseAll(_lock);
            }
        }

        public TResult Take(int item, CancellationToken stop)
        {
            lock (_lock)
            {
                stop.ThrowIfCancellationRequested();
                TResult? result;
                while (!_done.Remove(item, out result))
                {
                    _error?.Throw();
                    Monitor.Wait(_lock);
                    stop.ThrowIfCancellationRequested();
                }

                _taken = item + 1;
                _held -= taken(result);
                Monitor.PulseAll(_lock);
                return result;
            }
        }
    }
}
