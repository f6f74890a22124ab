using System.Runtime.InteropServices;

namespace Habla.Tokenization;

/// <summary>
/// Applies merge rules to a list of piece ids: always the earliest rule that applies, at its leftmost place, until none does.
/// A queue of candidate places makes it O(n log n) for any length, so a whole book may be one list.
/// </summary>
internal sealed class BpeEncoder
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Joined)> _rules = [];

    public BpeEncoder(IReadOnlyList<MergeRule> merges, IReadOnlyDictionary<string, int> ids)
    {
        for (int rank = 0; rank < merges.Count; rank++)
        {
            MergeRule rule = merges[rank];
            _rules.TryAdd((ids[rule.Left], ids[rule.Right]), (rank, ids[rule.Joined]));
        }
    }

    /// <param name="ids">Replaced by the ids of the joined pieces.</param>
    public void Apply(List<int> ids)
    {
        if (_rules.Count > 0 && ids.Count > 1)
        {
            new Pass(_rules, CollectionsMarshal.AsSpan(ids)).Run(ids);
        }
    }

    /// <summary>One text's pieces as a doubly linked list over the places where they begin, and the joins that are possible.</summary>
    private sealed class Pass
    {
        private const int Gone = -1;
        private readonly Dictionary<(int Left, int Right), (int Rank, int Joined)> _rules;
        private readonly PriorityQueue<Candidate, (int Rank, int Place)> _candidates = new();
        private readonly int[] _ids;
        private readonly int[] _previous;
        private readonly int[] _next;

        public Pass(Dictionary<(int Left, int Right), (int Rank, int Joined)> rules, ReadOnlySpan<int> ids)
        {
            _rules = rules;
            _ids = ids.ToArray();
            _previous = new int[_ids.Length];
            _next = new int[_ids.Length];
            for (int place = 0; place < _ids.Length; place++)
            {
                (_previous[place], _next[place]) = (place - 1, place + 1);
            }

            for (int place = 0; place + 1 < _ids.Length; place++)
            {
                Consider(place);
            }
        }

        public void Run(List<int> result)
        {
            while (_candidates.TryDequeue(out Candidate candidate, out _))
            {
                Join(candidate);
            }

            result.Clear();
            for (int place = 0; place < _ids.Length; place = _next[place])
            {
                result.Add(_ids[place]);
            }
        }

        private void Join(Candidate candidate)
        {
            (int place, int left, int right, int joined) = candidate;
            int behind = _next[place];
            if (_ids[place] != left || behind >= _ids.Length || _ids[behind] != right)
            {
                // A join since then has changed one of the two; the pairs that came of it stand in the queue themselves.
                return;
            }

            _ids[place] = joined;
            _ids[behind] = Gone;
            _next[place] = _next[behind];
            if (_next[place] < _ids.Length)
            {
                _previous[_next[place]] = place;
                Consider(place);
            }

            if (_previous[place] >= 0)
            {
                Consider(_previous[place]);
            }
        }

        private void Consider(int place)
        {
            (int left, int right) = (_ids[place], _ids[_next[place]]);
            if (_rules.TryGetValue((left, right), out (int Rank, int Joined) rule))
            {
                _candidates.Enqueue(new Candidate(place, left, right, rule.Joined), (rule.Rank, place));
            }
        }

        private readonly record struct Candidate(int Place, int Left, int Right, int Joined);
    }
}
