namespace Habla.BytePairs;

/// <summary>
/// Joins the ids of a short piece: looks through all ranks for the lowest, joins there, moves the rest up. Quadratic, and for a word
/// quicker than anything with a queue.
/// </summary>
internal static class ShortMerge
{
    /// <summary>The longest piece to use it for, in bytes.</summary>
    public const int LongestPiece = 48;

    /// <param name="rules">The rules.</param>
    /// <param name="ids">The ids of single bytes; replaced by those of the joined tokens, at the front.</param>
    /// <returns>How many ids are left.</returns>
    public static int Run(MergeTable rules, Span<int> ids)
    {
        Span<int> ranks = stackalloc int[LongestPiece];
        int count = ids.Length;
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = rules.Rank(ids[i], ids[i + 1]);
        }

        while (count > 1)
        {
            int at = Lowest(ranks[..(count - 1)], out int rank);
            if (rank == MergeTable.None)
            {
                break;
            }

            ids[at] = rules.Joined(rank);
            ids[(at + 2)..count].CopyTo(ids[(at + 1)..]);
            ranks[(at + 1)..(count - 1)].CopyTo(ranks[at..]);
            count--;
            if (at + 1 < count)
            {
                ranks[at] = rules.Rank(ids[at], ids[at + 1]);
            }

            if (at > 0)
            {
                ranks[at - 1] = rules.Rank(ids[at - 1], ids[at]);
            }
        }

        return count;
    }

    private static int Lowest(ReadOnlySpan<int> ranks, out int rank)
    {
        int at = 0;
        rank = ranks[0];
        for (int i = 1; i < ranks.Length; i++)
        {
            if (ranks[i] < rank)
            {
                (at, rank) = (i, ranks[i]);
            }
        }

        return at;
    }
}
