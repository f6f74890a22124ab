using System.Runtime.InteropServices;

namespace Habla.Tokenization;

/// <summary>
/// Learns merge rules: the pair of neighbouring pieces that occurs most often becomes one piece, again and again. Of pairs
/// equally often, the lexicographically smaller goes first: by the left piece, then by the right one, compared by UTF-16 code
/// (ordinal). Merges may cross spaces, so that a frequent turn such as " going to " becomes one piece, but never a line.
/// </summary>
/// <remarks>Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", ACL 2016.</remarks>
internal sealed class BpeTrainer
{
    private readonly List<string> _pieces;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<MergeRule> _merges = [];
    private readonly List<Line> _lines = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
    private int _limit;

    /// <param name="alphabet">The pieces to begin with; the special tokens among them are never part of a line.</param>
    /// <param name="lines">Every character of them is a piece of the alphabet.</param>
    /// <param name="limit">Pieces a line should have at most; while a line has more, only such lines are counted. 0 for no limit.</param>
    public BpeTrainer(IReadOnlyList<string> alphabet, IEnumerable<string> lines, int limit)
    {
        _pieces = [.. alphabet];
        for (int id = 0; id < _pieces.Count; id++)
        {
            _ids.Add(_pieces[id], id);
        }

        _limit = limit;
        foreach (IGrouping<string, string> same in lines.GroupBy(line => line, StringComparer.Ordinal))
        {
            _lines.Add(new Line([.. same.Key.EnumerateRunes().Select(rune => _ids[rune.ToString()])], same.Count()));
        }

        _limit = AnyTooLong() ? _limit : 0;
        for (int at = 0; at < _lines.Count; at++)
        {
            Count(_lines[at], +1);
            Register(at, _ => true);
        }
    }

    /// <summary>All pieces, a piece for each merge that made a new one behind the alphabet.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>The rules in the order they were learned.</summary>
    public IReadOnlyList<MergeRule> Merges => _merges;

    /// <summary>Learns until there are so many pieces, or no two neighbours are left to join.</summary>
    public void LearnUntil(int pieceCount)
    {
        while (_pieces.Count < pieceCount && MostFrequentPair() is { } pair)
        {
            Join(pair.Left, pair.Right);
            if (_limit > 0 && !AnyTooLong())
            {
                CountAllLines();
            }
        }
    }

    private (int Left, int Right)? MostFrequentPair()
    {
        (int Left, int Right)? best = null;
        long most = 0;
        foreach (((int Left, int Right) pair, long count) in _counts)
        {
            if (count >= Math.Max(most, 1) && (count > most || IsBefore(pair, best!.Value)) && !IsSpecial(pair))
            {
                (best, most) = (pair, count);
            }
        }

        return best;
    }

    private bool IsBefore((int Left, int Right) one, (int Left, int Right) other)
    {
        int order = string.CompareOrdinal(_pieces[one.Left], _pieces[other.Left]);
        return order != 0 ? order < 0 : string.CompareOrdinal(_pieces[one.Right], _pieces[other.Right]) < 0;
    }

    /// <summary>A text that spells out a special token's name must not come to share its id.</summary>
    private bool IsSpecial((int Left, int Right) pair) => SpecialTokens.All.Contains(_pieces[pair.Left] + _pieces[pair.Right]);

    private void Join(int left, int right)
    {
        var rule = new MergeRule(_pieces[left], _pieces[right]);
        _merges.Add(rule);
        ref int joined = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, rule.Joined, out bool isKnown);
        if (!isKnown)
        {
            joined = _pieces.Count;
            _pieces.Add(rule.Joined);
        }

        int joinedId = joined;
        _places.Remove((left, right), out List<int>? places);
        foreach (int at in places!)
        {
            Line line = _lines[at];
            Count(line, -1);
            line.Join(left, right, joinedId);
            Count(line, +1);
            Register(at, pair => pair.Left == joinedId || pair.Right == joinedId);
        }
    }

    private bool IsCounted(Line line) => _limit == 0 || line.Ids.Count > _limit;

    private bool AnyTooLong() => _lines.Exists(line => line.Ids.Count > _limit);

    private void CountAllLines()
    {
        _limit = 0;
        _counts.Clear();
        foreach (Line line in _lines)
        {
            Count(line, +1);
        }
    }

    private void Count(Line line, int sign)
    {
        if (!IsCounted(line))
        {
            return;
        }

        for (int i = 0; i + 1 < line.Ids.Count; i++)
        {
            var pair = (line.Ids[i], line.Ids[i + 1]);
            ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _);
            count += sign * line.Occurrences;
            if (count == 0)
            {
                _counts.Remove(pair);
            }
        }
    }

    /// <summary>Notes for each new pair which lines hold it; notes that become wrong later do no harm.</summary>
    private void Register(int at, Func<(int Left, int Right), bool> isNew)
    {
        List<int> ids = _lines[at].Ids;
        for (int i = 0; i + 1 < ids.Count; i++)
        {
            (int Left, int Right) pair = (ids[i], ids[i + 1]);
            if (!isNew(pair))
            {
                continue;
            }

            ref List<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            places ??= [];
            if (places.Count == 0 || places[^1] != at)
            {
                places.Add(at);
            }
        }
    }

    /// <summary>A distinct line as pieces, and how often the text has it.</summary>
    private sealed class Line(List<int> ids, int occurrences)
    {
        public List<int> Ids { get; } = ids;

        public int Occurrences { get; } = occurrences;

        public void Join(int left, int right, int joined)
        {
            int written = 0;
            for (int i = 0; i < Ids.Count; i++)
            {
                bool joins = Ids[i] == left && i + 1 < Ids.Count && Ids[i + 1] == right;
                Ids[written++] = joins ? joined : Ids[i];
                i += joins ? 1 : 0;
            }

            Ids.RemoveRange(written, Ids.Count - written);
        }
    }
}
