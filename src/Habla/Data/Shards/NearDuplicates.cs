using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>
/// Finds near duplicates among many texts: only those are compared that have four neighbouring numbers of their signatures in common
/// somewhere, which nearly all have that are alike enough, and few of the others. Unlike <see cref="NearDuplicateIndex"/>, which names the
/// best match of a text, this compares every such pair, since a group must hold all that are like any of it.
/// </summary>
internal static class NearDuplicates
{
    /// <summary>The estimated share of common runs of five words from which two texts are near duplicates.</summary>
    public const double LeastSimilarity = 0.8;

    private const int NumbersInABand = 4;

    /// <summary>Joins texts that are equal or near duplicates, directly or over others.</summary>
    /// <param name="signatures">The texts' signatures.</param>
    /// <returns>For each text the first one of its group.</returns>
    public static int[] Groups(IReadOnlyList<TextSignature> signatures)
    {
        int[] parents = [.. Enumerable.Range(0, signatures.Count)];
        var firsts = new Dictionary<string, int>(signatures.Count);
        for (int i = 0; i < signatures.Count; i++)
        {
            string content = Convert.ToHexString(signatures[i].Sha256);
            parents[i] = firsts.TryAdd(content, i) ? i : firsts[content];
        }

        foreach ((int a, int b) in Candidates(signatures, [.. firsts.Values]))
        {
            int rootA = Root(parents, a), rootB = Root(parents, b);
            if (rootA != rootB && signatures[a].IsLike(signatures[b]))
            {
                parents[Math.Max(rootA, rootB)] = Math.Min(rootA, rootB);
            }
        }

        return [.. parents.Select((_, i) => Root(parents, i))];
    }

    /// <summary>Counts the texts of the second side that are equal to, or near duplicates of, one of the first.</summary>
    /// <param name="signatures">The texts' signatures.</param>
    /// <param name="isSecond">For each text, whether it is on the second side.</param>
    public static int CountAcross(IReadOnlyList<TextSignature> signatures, IReadOnlyList<bool> isSecond)
    {
        var leaking = new HashSet<int>();
        HashSet<string> first = [.. signatures.Where((_, i) => !isSecond[i]).Select(signature => Convert.ToHexString(signature.Sha256))];
        leaking.UnionWith(Enumerable.Range(0, signatures.Count)
            .Where(i => isSecond[i] && first.Contains(Convert.ToHexString(signatures[i].Sha256))));
        foreach ((int a, int b) in Candidates(signatures, [.. Enumerable.Range(0, signatures.Count)]))
        {
            if (isSecond[a] != isSecond[b] && signatures[a].IsLike(signatures[b]))
            {
                leaking.Add(isSecond[a] ? a : b);
            }
        }

        return leaking.Count;
    }

    /// <summary>Pairs that may be alike, some of them several times; in memory are the numbers of one band.</summary>
    private static IEnumerable<(int A, int B)> Candidates(IReadOnlyList<TextSignature> signatures, int[] texts)
    {
        ulong[] keys = new ulong[texts.Length];
        int[] order = new int[texts.Length];
        for (int band = 0; band < MinHashSignature.Size; band += NumbersInABand)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                (keys[i], order[i]) = (Key(signatures[texts[i]].Words.Least.Slice(band, NumbersInABand)), texts[i]);
            }

            Array.Sort(keys, order);
            for (int from = 0, to; from < keys.Length; from = to)
            {
                for (to = from + 1; to < keys.Length && keys[to] == keys[from]; to++)
                {
                    for (int other = from; other < to; other++)
                    {
                        yield return (order[other], order[to]);
                    }
                }
            }
        }
    }

    private static ulong Key(ReadOnlySpan<uint> numbers)
    {
        ulong key = 0;
        foreach (uint number in numbers)
        {
            key = (key * 0x9E3779B97F4A7C15) + number + (key >> 29);
        }

        return key;
    }

    private static int Root(int[] parents, int text)
    {
        while (parents[text] != text)
        {
            text = parents[text] = parents[parents[text]];
        }

        return text;
    }
}
