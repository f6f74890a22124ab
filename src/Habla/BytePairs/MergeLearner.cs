namespace Habla.BytePairs;

/// <summary>
/// Finds rules: the pair that occurs most often becomes a token, again and again. Counts are kept up to date place by place, so a rule
/// costs what it changes. A queue holds every pair that is frequent enough, once, with a count that may be too high by now: then it goes
/// back with the true one. When the queue is empty, what was less frequent has its turn; most pairs never have.
/// </summary>
/// <remarks>
/// A pair whose joined bytes are a token already is passed over for good: it would add a rule and no token. Hence each rule makes a new
/// token, a pair that holds it cannot have occurred before, and a pair's places are all noted while its younger side is made.
/// </remarks>
internal sealed class MergeLearner
{
    private readonly List<byte[]?> _tokens;
    private readonly List<ByteMerge> _merges = [];
    private readonly HashSet<byte[]> _known = new(ByteStringComparer.Instance);
    private readonly TokenLine _line;
    private readonly PairTable _pairs;
    private readonly PriorityQueue<int, Candidate> _queue;
    private readonly List<int> _places = [];
    private long _least;

    /// <param name="tokens">What there is to begin with: special tokens as null, and the 256 bytes.</param>
    /// <param name="forbidden">Byte strings that must not become tokens.</param>
    /// <param name="words">The words and how often each occurs.</param>
    public MergeLearner(IEnumerable<byte[]?> tokens, IEnumerable<byte[]> forbidden, WordCounts words)
    {
        _tokens = [.. tokens];
        int firstByte = _tokens.FindIndex(token => token is not null);
        _known.UnionWith(_tokens.OfType<byte[]>());
        _known.UnionWith(forbidden);
        _line = new TokenLine(words, value => firstByte + value);
        _pairs = new PairTable(_line.Length);
        _queue = new PriorityQueue<int, Candidate>(Comparer<Candidate>.Create(Compare));
        for (int place = 1; place + 1 < _line.Length; place++)
        {
            if (_line[place] >= 0 && _line[place + 1] >= 0)
            {
                Add(_line[place], _line[place + 1], place);
            }
        }

        long most = Enumerable.Range(0, _pairs.Count).Select(pair => _pairs.Times(pair)).DefaultIfEmpty(1).Max();
        _least = Math.Max(1, most / 1024);
        Queue(0, long.MaxValue);
    }

    /// <summary>The bytes of each id, null for special tokens.</summary>
    public IReadOnlyList<byte[]?> Tokens => _tokens;

    /// <summary>The rules in the order in which they were found.</summary>
    public IReadOnlyList<ByteMerge> Merges => _merges;

    /// <summary>Finds one more rule.</summary>
    /// <returns>False when no two neighbours are left to join.</returns>
    public bool Learn()
    {
        do
        {
            while (_queue.TryDequeue(out int pair, out Candidate candidate))
            {
                long times = _pairs.Times(pair);
                if (times < candidate.Times)
                {
                    if (times >= _least)
                    {
                        _queue.Enqueue(pair, candidate with { Times = times });
                    }

                    continue;
                }

                byte[] joined = [.. _tokens[candidate.Left]!, .. _tokens[candidate.Right]!];
                if (_known.Add(joined))
                {
                    Join(pair, candidate.Left, candidate.Right, joined);
                    return true;
                }
            }
        }
        while (QueueLessFrequent());

        return false;
    }

    private bool QueueLessFrequent()
    {
        long below = _least;
        _least = Math.Max(1, _least / 8);
        Queue(0, below);
        return below > 1;
    }

    private void Join(int pair, int left, int right, byte[] bytes)
    {
        int joined = _tokens.Count, firstNew = _pairs.Count;
        _tokens.Add(bytes);
        _merges.Add(new ByteMerge(left, right, joined));
        (int leftLength, int rightLength) = (_tokens[left]!.Length, _tokens[right]!.Length);
        _pairs.TakePlaces(pair, _places);

        // Places were noted from left to right, so of places that overlap the leftmost is joined.
        foreach (int place in _places)
        {
            int behind = place + leftLength, after = behind + rightLength;
            if (_line[place] != left || _line[behind] != right)
            {
                continue;
            }

            (int before, int next) = (_line[place - 1], _line[after]);
            long times = _line.Times(place);
            _line.Join(place, leftLength, rightLength, joined);
            _pairs.Times(pair) -= times;
            if (before >= 0)
            {
                _pairs.Times(_pairs.Number(before, left)) -= times;
                Add(before, joined, place - _tokens[before]!.Length);
            }

            if (next >= 0)
            {
                _pairs.Times(_pairs.Number(right, next)) -= times;
                Add(joined, next, place);
            }
        }

        Queue(firstNew, long.MaxValue);
    }

    private void Add(int left, int right, int place)
    {
        int pair = _pairs.Number(left, right);
        _pairs.Times(pair) += _line.Times(place);
        _pairs.AddPlace(pair, place);
    }

    /// <summary>Queues the pairs from a number that are frequent enough, and less frequent than others that were queued before.</summary>
    private void Queue(int from, long below)
    {
        for (int pair = from; pair < _pairs.Count; pair++)
        {
            long times = _pairs.Times(pair);
            if (times >= _least && times < below)
            {
                (int left, int right) = _pairs.Ids(pair);
                _queue.Enqueue(pair, new Candidate(times, left, right));
            }
        }
    }

    /// <summary>More often first; then the smaller left bytes, then the smaller right ones.</summary>
    private int Compare(Candidate one, Candidate other)
    {
        if (one.Times != other.Times)
        {
            return one.Times > other.Times ? -1 : 1;
        }

        int order = one.Left == other.Left ? 0 : _tokens[one.Left].AsSpan().SequenceCompareTo(_tokens[other.Left]);
        return order != 0 ? order : _tokens[one.Right].AsSpan().SequenceCompareTo(_tokens[other.Right]);
    }

    private readonly record struct Candidate(long Times, int Left, int Right);
}
