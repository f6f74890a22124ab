using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Habla.BytePairs;

/// <summary>
/// Short pieces and the ids they became. Most pieces of a text have been seen before. Two places side by side share a hash; a piece enters
/// at the second and goes to the first when it is asked for again, so that the many rare pieces of a text only push out each other.
/// It grows with what it is shown, up to 4 MiB. One thread at a time.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>The longest piece kept, in bytes.</summary>
    public const int LongestPiece = 24;

    private const int LeastPlaces = 1 << 8, MostPlaces = 1 << 16;
    private Entry[] _entries = new Entry[LeastPlaces];
    private int _added;

    /// <summary>Writes the ids of a piece if they are known.</summary>
    /// <param name="piece">2 to 24 bytes.</param>
    /// <param name="ids">At least as long as the piece.</param>
    /// <returns>How many ids; 0 when they are not known.</returns>
    public int Find(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        Key key = KeyOf(piece);
        Span<Entry> entries = _entries.AsSpan(Place(key), 2);
        if (entries[0].Key != key)
        {
            if (entries[1].Key != key)
            {
                return 0;
            }

            (entries[0], entries[1]) = (entries[1], entries[0]);
        }

        ref readonly Entry entry = ref entries[0];
        ((ReadOnlySpan<int>)entry.Ids)[..entry.Count].CopyTo(ids);
        return entry.Count;
    }

    /// <summary>Keeps the ids of a piece, if there are few enough.</summary>
    public void Add(ReadOnlySpan<byte> piece, ReadOnlySpan<int> ids)
    {
        if (ids.Length > IdList.Length)
        {
            return;
        }

        if (++_added > _entries.Length && _entries.Length < MostPlaces)
        {
            // What was there is forgotten: finding it again costs less than moving it.
            (_entries, _added) = (new Entry[2 * _entries.Length], 0);
        }

        Key key = KeyOf(piece);
        ref Entry entry = ref _entries[Place(key) + 1];
        (entry.Key, entry.Count) = (key, ids.Length);
        ids.CopyTo(entry.Ids);
    }

    /// <summary>The first of the two places where a piece may be.</summary>
    private int Place(Key key) =>
        (int)ByteHash.Mix(key.First ^ ByteHash.Mix(key.Middle ^ key.Last ^ (uint)key.Length)) & (_entries.Length - 2);

    /// <summary>The length, and the bytes as three numbers that overlap where the piece is shorter.</summary>
    private static Key KeyOf(ReadOnlySpan<byte> piece)
    {
        if (piece.Length < 8)
        {
            return new Key(ByteHash.Rest(piece), 0, 0, piece.Length);
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(piece), last = BinaryPrimitives.ReadUInt64LittleEndian(piece[^8..]);
        return new Key(
            first, piece.Length <= 16 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(piece[8..]), last, piece.Length);
    }

    private record struct Key(ulong First, ulong Middle, ulong Last, int Length);

    private struct Entry
    {
        public Key Key;
        public int Count;
        public IdList Ids;
    }

    [InlineArray(Length)]
    private struct IdList
    {
        public const int Length = 7;
        private int _first;
    }
}
