namespace Habla.BytePairs;

/// <summary>
/// How often each distinct word occurs. The words' bytes lie one behind the other in slabs that are never moved, so memory grows
/// with the distinct words and with nothing else.
/// </summary>
internal sealed class WordCounts
{
    private const int SlabSize = 1 << 20;
    private readonly List<byte[]> _slabs = [];
    private Entry[] _entries = new Entry[1 << 10];
    private int[] _places = NewPlaces(1 << 12);
    private int _slabUsed;

    /// <summary>Distinct words so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the distinct words together.</summary>
    public long Bytes { get; private set; }

    public void Add(ReadOnlySpan<byte> word, long times = 1) => Add(word, ByteHash.Of(word), times);

    /// <summary>Adds all words of another count.</summary>
    public void Add(WordCounts other)
    {
        for (int index = 0; index < other.Count; index++)
        {
            ref Entry entry = ref other._entries[index];
            Add(other.Word(index), entry.Hash, entry.Times);
        }
    }

    /// <summary>The word of an index from 0, in the order in which they were first met.</summary>
    public ReadOnlySpan<byte> Word(int index)
    {
        ref Entry entry = ref _entries[index];
        return _slabs[entry.Slab].AsSpan(entry.Start, entry.Length);
    }

    /// <summary>How often the word of an index occurs.</summary>
    public long Times(int index) => _entries[index].Times;

    private void Add(ReadOnlySpan<byte> word, ulong hash, long times)
    {
        int mask = _places.Length - 1;
        for (int at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            int index = _places[at];
            if (index < 0)
            {
                _places[at] = Count;
                AddNew(word, hash, times);
                return;
            }

            ref Entry entry = ref _entries[index];
            if (entry.Hash == hash && entry.Length == word.Length && Word(index).SequenceEqual(word))
            {
                entry.Times += times;
                return;
            }
        }
    }

    private void AddNew(ReadOnlySpan<byte> word, ulong hash, long times)
    {
        if (_slabs.Count == 0 || _slabs[^1].Length - _slabUsed < word.Length)
        {
            _slabs.Add(new byte[Math.Max(SlabSize, word.Length)]);
            _slabUsed = 0;
        }

        word.CopyTo(_slabs[^1].AsSpan(_slabUsed));
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        _entries[Count++] = new Entry { Hash = hash, Times = times, Slab = _slabs.Count - 1, Start = _slabUsed, Length = word.Length };
        _slabUsed += word.Length;
        Bytes += word.Length;
        if (2 * Count > _places.Length)
        {
            Rehash();
        }
    }

    private void Rehash()
    {
        _places = NewPlaces(2 * _places.Length);
        int mask = _places.Length - 1;
        for (int index = 0; index < Count; index++)
        {
            int at = (int)_entries[index].Hash & mask;
            while (_places[at] >= 0)
            {
                at = (at + 1) & mask;
            }

            _places[at] = index;
        }
    }

    private static int[] NewPlaces(int count)
    {
        int[] places = new int[count];
        Array.Fill(places, -1);
        return places;
    }

    private struct Entry
    {
        public ulong Hash;
        public long Times;
        public int Slab, Start, Length;
    }
}
