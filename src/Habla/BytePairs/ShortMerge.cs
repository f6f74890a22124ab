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
        Span<ulong> joins = stackalloc ulong[LongestPiece];
        joins = joins[..ids.Length];
        for (int i = 0; i + 1 < ids.Length; i++)
        {
            joins[i] = rules.Rule(ids[i], ids[i + 1]);
        }

        int count = ids.Length;
        for (; count > 1; count--)
        {
            int at = First(joins[..(count - 1)]);
            ulong rule = joins[at];
            if (rule == MergeTable.NoRule)
            {
                break;
            }

            ids[at] = (int)rule;
            for (int i = at + 1; i + 1 < count; i++)
            {
                ids[i] = ids[i + 1];
                joins[i - 1] = joins[i];
            }

            if (at + 2 < count)
            {
                joins[at] = rules.Rule(ids[at], ids[at + 1]);
            }

            if (at > 0)
            {
                joins[at - 1] = rules.Rule(ids[at - 1], ids[at]);
            }
        }

        return count;
    }

    /// <summary>Where the rule with the lowest rank applies, and of these places the leftmost.</summary>
    private static int First(ReadOnlySpan<ulong> joins)
    {
        int at = 0;
        ulong lowest = joins[0];
        for (int i = 1; i < joins.Length; i++)
        {
            if (joins[i] < lowest)
            {
                (at, lowest) = (i, joins[i]);
            }
        }

        return at;
    }
}
