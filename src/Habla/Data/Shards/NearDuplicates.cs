using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>Joins texts that belong together, and counts what a split has torn apart all the same.</summary>
internal static class NearDuplicates
{
    /// <summary>The estimated share of common runs of five words from which two texts are near duplicates.</summary>
    public const double LeastSimilarity = 0.8;

    // Of 128 numbers 103 agree in near duplicates. The 25 others cannot lie in all of 32 bands, so at least 7 bands agree as a whole
    // and no pair goes unseen, but for the bound: a text is compared with the last 64 of a band, and so time grows with the number of
    // texts and not with its square where very many share one. Those that are alike are a chain there, each like one shortly before.
    private const int NumbersInABand = 4, MostInABand = 64;

    // The count after the split looks differently: with the bands that ingestion takes, and many more texts of each.
    private const int MostInABandCounted = 1024;

    /// <summary>Joins texts that are equal or near duplicates, directly or over others.</summary>
    /// <param name="signatures">The texts' signatures.</param>
    /// <returns>For each text the first one of its group.</returns>
    public static int[] Groups(IReadOnlyList<TextSignature> signatures)
    {
        var groups = new DocumentGroups(signatures.Count);
        var firsts = new Dictionary<UInt128, int>(signatures.Count);
        var texts = new List<int>(); // the distinct ones, as the index counts them
        var index = new NearDuplicateIndex(LeastSimilarity, NumbersInABand, MostInABand);
        for (int i = 0; i < signatures.Count; i++)
        {
            if (!firsts.TryAdd(signatures[i].Key, i))
            {
                groups.Join(firsts[signatures[i].Key], i);
                continue;
            }

            foreach ((int entry, _) in index.FindAll(signatures[i].Words))
            {
                groups.Join(texts[entry], i);
            }

            index.Add(signatures[i].Words);
            texts.Add(i);
        }

        return groups.Firsts();
    }

    /// <summary>
    /// Counts the texts of the second side that are equal to, from the same source as, or near duplicates of one of the first. It knows
    /// nothing of how they were joined.
    /// </summary>
    /// <param name="signatures">The texts' signatures.</param>
    /// <param name="isSecond">For each text, whether it is on the second side.</param>
    public static int CountAcross(IReadOnlyList<TextSignature> signatures, IReadOnlyList<bool> isSecond)
    {
        var texts = new HashSet<UInt128>();
        var sources = new HashSet<string>();
        var index = new NearDuplicateIndex(LeastSimilarity, rows: 0, MostInABandCounted);
        foreach (TextSignature first in signatures.Where((_, i) => !isSecond[i]))
        {
            if (texts.Add(first.Key))
            {
                index.Add(first.Words);
            }

            if (first.Source is { } source)
            {
                sources.Add(source);
            }
        }

        var alike = new Dictionary<UInt128, bool>();
        return signatures.Where((_, i) => isSecond[i]).Count(second =>
            texts.Contains(second.Key) || (second.Source is { } source && sources.Contains(source)) || IsAlike(second));

        bool IsAlike(TextSignature second)
        {
            if (!alike.TryGetValue(second.Key, out bool found))
            {
                alike[second.Key] = found = index.FindAll(second.Words).Any();
            }

            return found;
        }
    }
}
