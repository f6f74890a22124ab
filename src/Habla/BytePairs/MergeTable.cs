using System.Numerics;

namespace Habla.BytePairs;

/// <summary>Finds the rule for two neighbours: an open-addressed table at most half full, so that most questions read one place.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that no rule joins: behind all others.</summary>
    public const int None = int.MaxValue;

    private const ulong Free = ulong.MaxValue;
    private readonly Slot[] _slots;
    private readonly int[] _joined;
    private readonly int _mask;

    public MergeTable(IReadOnlyList<ByteMerge> merges)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * merges.Count, 16))];
        _mask = _slots.Length - 1;
        _joined = [.. merges.Select(merge => merge.Joined)];
        Array.Fill(_slots, new Slot(Free, None));
        for (int rank = 0; rank < merges.Count; rank++)
        {
            ulong key = Key(merges[rank].Left, merges[rank].Right);
            int at = (int)ByteHash.Mix(key) & _mask;
            while (_slots[at].Key != Free)
            {
                at = (at + 1) & _mask;
            }

            _slots[at] = new Slot(key, rank);
        }
    }

    /// <summary>The rank of the rule that joins two ids; <see cref="None"/> when there is none.</summary>
    public int Rank(int left, int right)
    {
        ulong key = Key(left, right);
        for (int at = (int)ByteHash.Mix(key) & _mask; ; at = (at + 1) & _mask)
        {
            // A free place has the rank of none, and its key is nobody's.
            ref readonly Slot slot = ref _slots[at];
            if (slot.Key == key || slot.Key == Free)
            {
                return slot.Rank;
            }
        }
    }

    /// <summary>What the rule of a rank makes.</summary>
    public int Joined(int rank) => _joined[rank];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Slot(ulong Key, int Rank);
}
