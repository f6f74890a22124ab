using System.Numerics;

namespace Habla.BytePairs;

/// <summary>Finds the rule for two neighbours: an open-addressed table at most half full, so that most questions read one place.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that no rule joins: behind all others.</summary>
    public const int None = int.MaxValue;

    /// <summary>What <see cref="Rule"/> gives for a pair that no rule joins: behind all others.</summary>
    public const ulong NoRule = (ulong)None << 32;

    private const ulong Free = ulong.MaxValue;
    private readonly Slot[] _slots;
    private readonly int[] _joined;

    public MergeTable(IReadOnlyList<ByteMerge> merges)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * merges.Count, 16))];
        int mask = _slots.Length - 1;
        _joined = [.. merges.Select(merge => merge.Joined)];
        Array.Fill(_slots, new Slot(Free, NoRule));
        for (int rank = 0; rank < merges.Count; rank++)
        {
            ulong key = Key(merges[rank].Left, merges[rank].Right);
            int at = (int)ByteHash.Mix(key) & mask;
            while (_slots[at].Key != Free)
            {
                at = (at + 1) & mask;
            }

            _slots[at] = new Slot(key, ((ulong)rank << 32) | (uint)_joined[rank]);
        }
    }

    /// <summary>The rank of the rule that joins two ids; <see cref="None"/> when there is none.</summary>
    public int Rank(int left, int right) => (int)(Rule(left, right) >> 32);

    /// <summary>
    /// The rule that joins two ids: its rank in the upper half, what it makes in the lower; <see cref="NoRule"/> when there is none.
    /// </summary>
    public ulong Rule(int left, int right)
    {
        ulong key = Key(left, right);
        Slot[] slots = _slots;
        for (int at = (int)ByteHash.Mix(key); ; at++)
        {
            // A free place has no rule, and its key is nobody's.
            Slot slot = slots[at & (slots.Length - 1)];
            if (slot.Key == key || slot.Key == Free)
            {
                return slot.Rule;
            }
        }
    }

    /// <summary>Joins neighbours: always the rule with the lowest rank that applies, at its leftmost place, until none does.</summary>
    /// <param name="ids">Replaced by what they were joined to, at the front.</param>
    /// <returns>How many ids are left.</returns>
    public int Join(Span<int> ids) =>
        ids.Length <= ShortMerge.LongestPiece ? ShortMerge.Run(this, ids) : LongMerge.Run(this, ids, out _);

    /// <summary>What the rule of a rank makes.</summary>
    public int Joined(int rank) => _joined[rank];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Slot(ulong Key, ulong Rule);
}
