namespace Habla.BytePairs;

/// <summary>
/// Pairs of neighbouring tokens: how often each occurs, and a list of the places where it did when they were noted. Pairs are numbered
/// from 0. The lists share one array of links; those of a list that was taken are used again.
/// </summary>
internal sealed class PairTable
{
    private const int End = -1;
    private Pair[] _pairs = new Pair[1 << 12];
    private int[] _slots = NewSlots(1 << 14);
    private Link[] _links;
    private int _linksUsed, _freeLink = End;

    /// <param name="places">How many places there are to begin with.</param>
    public PairTable(int places) => _links = new Link[places];

    /// <summary>Pairs so far.</summary>
    public int Count { get; private set; }

    public (int Left, int Right) Ids(int pair) => ((int)(_pairs[pair].Key >> 32), (int)_pairs[pair].Key);

    /// <summary>How often the pair occurs.</summary>
    public ref long Times(int pair) => ref _pairs[pair].Times;

    /// <summary>The number of a pair, which gets one if it has none.</summary>
    public int Number(int left, int right)
    {
        ulong key = ((ulong)(uint)left << 32) | (uint)right;
        int mask = _slots.Length - 1;
        int at = (int)ByteHash.Mix(key) & mask;
        for (; _slots[at] >= 0; at = (at + 1) & mask)
        {
            if (_pairs[_slots[at]].Key == key)
            {
                return _slots[at];
            }
        }

        if (Count == _pairs.Length)
        {
            Array.Resize(ref _pairs, 2 * Count);
        }

        _slots[at] = Count;
        _pairs[Count] = new Pair { Key = key, Places = End };
        if (2 * ++Count > _slots.Length)
        {
            Rehash();
        }

        return Count - 1;
    }

    /// <summary>Notes a place of a pair.</summary>
    public void AddPlace(int pair, int place)
    {
        int link = _freeLink;
        if (link == End)
        {
            if (_linksUsed == _links.Length)
            {
                Array.Resize(ref _links, (int)Math.Min(Array.MaxLength, _linksUsed + (_linksUsed / 4L) + 16));
            }

            link = _linksUsed++;
        }
        else
        {
            _freeLink = _links[link].Next;
        }

        _links[link] = new Link(place, _pairs[pair].Places);
        _pairs[pair].Places = link;
    }

    /// <summary>Moves the places noted of a pair to a list, in the order in which they were noted.</summary>
    public void TakePlaces(int pair, List<int> places)
    {
        places.Clear();
        for (int link = _pairs[pair].Places; link != End;)
        {
            (int place, int next) = _links[link];
            places.Add(place);
            _links[link] = new Link(0, _freeLink);
            (_freeLink, link) = (link, next);
        }

        _pairs[pair].Places = End;
        places.Reverse();
    }

    private void Rehash()
    {
        _slots = NewSlots(2 * _slots.Length);
        int mask = _slots.Length - 1;
        for (int pair = 0; pair < Count; pair++)
        {
            int at = (int)ByteHash.Mix(_pairs[pair].Key) & mask;
            while (_slots[at] >= 0)
            {
                at = (at + 1) & mask;
            }

            _slots[at] = pair;
        }
    }

    private static int[] NewSlots(int count)
    {
        int[] slots = new int[count];
        Array.Fill(slots, -1);
        return slots;
    }

    private struct Pair
    {
        public ulong Key;
        public long Times;
        public int Places;
    }

    private readonly record struct Link(int Place, int Next);
}
