using System.Runtime.ExceptionServices;

namespace Habla.Ingestion;

/// <summary>
/// Works on items on several threads and hands the results over in order. How far the threads may be ahead of the one that takes the
/// results is bounded by number and by bytes; one slow item holds nobody up before that.
/// </summary>
/// <param name="Threads">How many work.</param>
/// <param name="MostAhead">The most items and results that wait.</param>
/// <param name="MostBytesAhead">The most bytes that they may take together; one may be larger when it is alone.</param>
internal sealed record OrderedWork(int Threads, int MostAhead, long MostBytesAhead)
{
    /// <summary>Gives the results in order; the threads end before the enumeration does.</summary>
    /// <remarks>
    /// What the work or the items throw is thrown in its place, after the results before it: always the same one, whatever the number of
    /// threads.
    /// </remarks>
    /// <param name="items">The items; enumerated on the calling thread, as there is room, and one further.</param>
    /// <param name="bytes">About how much memory an item, and later its result, will take.</param>
    /// <param name="taken">About how much a result does take.</param>
    /// <param name="work">The work.</param>
    /// <param name="stop">Ends it early.</param>
    public IEnumerable<TResult> Run<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, long> bytes, Func<TResult, long> taken, Func<TItem, CancellationToken, TResult> work,
        CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var source = new WorkSource<TItem>(items);
        var window = new WorkWindow<TItem, TResult>(MostAhead, MostBytesAhead, bytes, taken);
        using CancellationTokenRegistration wake = ending.Token.Register(window.End);
        var threads = new List<Thread>();
        try
        {
            for (bool more = source.Draw(); more || window.Holds;)
            {
                stop.ThrowIfCancellationRequested();
                if (more && window.Add(source.Next))
                {
                    if (threads.Count < Threads)
                    {
                        threads.Add(Started(() => Work(window, work, ending.Token)));
                    }

                    more = source.Draw();
                }
                else if (window.Take(more ? bytes(source.Next) : long.MaxValue, stop, out TResult? result))
                {
                    yield return result!;
                }
            }

            source.Error?.Throw();
        }
        finally
        {
            ending.Cancel();
            threads.ForEach(thread => thread.Join());
        }
    }

    private static Thread Started(ThreadStart start)
    {
        var thread = new Thread(start) { IsBackground = true, Name = "ordered work" };
        thread.Start();
        return thread;
    }

    private static void Work<TItem, TResult>(
        WorkWindow<TItem, TResult> window, Func<TItem, CancellationToken, TResult> work, CancellationToken stop)
    {
        while (window.Next(out long number, out TItem? item))
        {
            try
            {
                window.Put(number, item!, work(item!, stop));
            }
            catch (Exception error)
            {
                window.Fail(number, ExceptionDispatchInfo.Capture(error));
            }
        }
    }
}
