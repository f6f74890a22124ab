using System.Runtime.ExceptionServices;

namespace Habla.Ingestion;

/// <summary>The items and results between the threads of an <see cref="OrderedWork"/> and the one that takes the results.</summary>
internal sealed class WorkWindow<TItem, TResult>(int mostAhead, long mostBytes, Func<TItem, long> bytes, Func<TResult, long> taken)
{
    private readonly object _lock = new();
    private readonly Queue<TItem> _waiting = [];
    private readonly Dictionary<long, (TResult? Result, ExceptionDispatchInfo? Error)> _done = [];
    private long _added, _begun, _taken, _held;
    private bool _ended, _failed;

    /// <summary>Whether there are results to come.</summary>
    public bool Holds => _taken < _added; // both change on the taking thread alone

    /// <summary>Adds an item when there is room for it.</summary>
    public bool Add(TItem item)
    {
        lock (_lock)
        {
            long size = bytes(item);
            if (!HasRoom(size))
            {
                return false;
            }

            _held += size;
            _added++;
            _waiting.Enqueue(item);
            Monitor.PulseAll(_lock);
            return true;
        }
    }

    /// <summary>The next item to work on, waited for; false when there is none any more.</summary>
    public bool Next(out long number, out TItem? item)
    {
        lock (_lock)
        {
            while (!_ended && !_failed && _waiting.Count == 0)
            {
                Monitor.Wait(_lock);
            }

            bool any = !_ended && !_failed;
            (number, item) = any ? (_begun++, _waiting.Dequeue()) : (-1, default);
            return any;
        }
    }

    public void Put(long number, TItem item, TResult result)
    {
        lock (_lock)
        {
            _done[number] = (result, null);
            _held += taken(result) - bytes(item);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Keeps an error for its turn. All items before this one have begun; none after it will.</summary>
    public void Fail(long number, ExceptionDispatchInfo error)
    {
        lock (_lock)
        {
            _done[number] = (default, error);
            _failed = true;
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

    /// <summary>Waits for the next result, and throws when its work did; false as soon as there is room for another item instead.</summary>
    /// <param name="size">The bytes of the item to add next; <see cref="long.MaxValue"/> when there is none.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <param name="result">The result.</param>
    public bool Take(long size, CancellationToken stop, out TResult? result)
    {
        lock (_lock)
        {
            (TResult? Result, ExceptionDispatchInfo? Error) done;
            while (!_done.Remove(_taken, out done))
            {
                stop.ThrowIfCancellationRequested();
                if (size != long.MaxValue && HasRoom(size))
                {
                    result = default;
                    return false;
                }

                Monitor.Wait(_lock);
            }

            stop.ThrowIfCancellationRequested();
            done.Error?.Throw();
            result = done.Result;
            _taken++;
            _held -= taken(result!);
            return true;
        }
    }

    private bool HasRoom(long size) => _added == _taken || (_added - _taken < mostAhead && _held + size <= mostBytes);
}
