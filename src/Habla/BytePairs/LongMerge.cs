using System.Buffers;

namespace Habla.BytePairs;

/// <summary>
/// Joins the ids of a piece of any length in O(n log n): a linked list of the places where tokens begin, and a queue of the places where
/// a rule applies, the lowest rank first and of one rank the leftmost. A queued place that has changed since is passed over.
/// </summary>
internal ref struct LongMerge
{
    private readonly MergeTable _rules;
    private readonly Span<int> _ids, _next, _previous, _ranks;
    private readonly PlaceQueue _queue;

    private LongMerge(MergeTable rules, Span<int> ids, Span<int> lists)
    {
        int count = ids.Length;
        _rules = rules;
        _ids = ids;
        _next = lists[..count];
        _previous = lists.Slice(count, count);
        _ranks = lists.Slice(2 * count, count);
        _queue = new PlaceQueue(count);
        for (int place = 0; place < count; place++)
        {
            (_next[place], _previous[place]) = (place + 1, place - 1);
        }
    }

    /// <param name="rules">The rules.</param>
    /// <param name="ids">The ids of single bytes; replaced by those of the joined tokens, at the front.</param>
    /// <param name="turns">How many queued places were looked at: what the time depends on.</param>
    /// <returns>How many ids are left.</returns>
    public static int Run(MergeTable rules, Span<int> ids, out long turns)
    {
        int[] lists = ArrayPool<int>.Shared.Rent(3 * ids.Length);
        try
        {
            return new LongMerge(rules, ids, lists).Run(out turns);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(lists);
        }
    }

    private readonly int Run(out long turns)
    {
        turns = 0;
        for (int place = 0; place < _ids.Length; place++)
        {
            Consider(place);
        }

        for (; _queue.TryTake(out int rank, out int place); turns++)
        {
            // A rule has one rank, so an equal rank means that the same two tokens still stand there.
            if (_ranks[place] == rank)
            {
                Join(place, rank);
            }
        }

        int count = 0;
        for (int place = 0; place < _ids.Length; place = _next[place])
        {
            _ids[count++] = _ids[place];
        }

        return count;
    }

    private readonly void Join(int place, int rank)
    {
        int behind = _next[place];
        _ids[place] = _rules.Joined(rank);
        _ranks[behind] = MergeTable.None;
        _next[place] = _next[behind];
        if (_next[place] < _ids.Length)
        {
            _previous[_next[place]] = place;
        }

        Consider(place);
        if (_previous[place] >= 0)
        {
            Consider(_previous[place]);
        }
    }

    private readonly void Consider(int place)
    {
        int behind = _next[place];
        int rank = behind < _ids.Length ? _rules.Rank(_ids[place], _ids[behind]) : MergeTable.None;
        _ranks[place] = rank;
        if (rank != MergeTable.None)
        {
            _queue.Add(rank, place);
        }
    }
}
