using System.Runtime.InteropServices;
using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>
/// Applies merge rules over characters to a list of piece ids: always the earliest rule that applies, at its leftmost place, until none
/// does. A whole book may be one list.
/// </summary>
/// <param name="merges">The rules, first learned first; of two for the same pair the first counts.</param>
/// <param name="ids">The id of each piece.</param>
internal sealed class BpeEncoder(IReadOnlyList<MergeRule> merges, IReadOnlyDictionary<string, int> ids)
{
    private readonly MergeTable _rules = new([.. merges.Select(rule => new ByteMerge(ids[rule.Left], ids[rule.Right], ids[rule.Joined]))]);

    /// <param name="pieces">Replaced by the ids of the joined pieces.</param>
    public void Apply(List<int> pieces)
    {
        if (merges.Count > 0)
        {
            int count = _rules.Join(CollectionsMarshal.AsSpan(pieces));
            pieces.RemoveRange(count, pieces.Count - count);
        }
    }
}
