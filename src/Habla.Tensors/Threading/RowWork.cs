namespace Habla.Tensors.Threading;

/// <summary>Work on rows (or columns) that are independent of each other.</summary>
internal interface IRowWork
{
    /// <summary>Does the rows from <paramref name="from"/> up to, but not including, <paramref name="to"/>.</summary>
    void Run(int from, int to);
}

/// <summary>
/// Deals contiguous ranges of rows to the threads of a pool: four a thread, so that the others take over from one that is held up.
/// </summary>
internal static class RowWork
{
    // Below this many floats a job costs more to hand out than to do.
    private const int SharedFrom = 1 << 15;

    /// <summary>Does all rows.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="floatsPerRow">Roughly how much work a row is.</param>
    /// <param name="work">The work.</param>
    public static void ForRows<TWork>(this WorkerPool pool, int rows, long floatsPerRow, in TWork work)
        where TWork : struct, IRowWork
    {
        if (!pool.CanShare || rows * floatsPerRow < SharedFrom)
        {
            work.Run(0, rows);
            return;
        }

        int pieces = Math.Min(rows, 4 * pool.ThreadCount);
        pool.For(pieces, new Ranges<TWork> { Work = work, Rows = rows, Pieces = pieces });
    }

    private struct Ranges<TWork> : IParallelWork
        where TWork : struct, IRowWork
    {
        public TWork Work;
        public int Rows, Pieces;

        public readonly void Run(int piece) =>
            Work.Run((int)((long)Rows * piece / Pieces), (int)((long)Rows * (piece + 1) / Pieces));
    }
}
