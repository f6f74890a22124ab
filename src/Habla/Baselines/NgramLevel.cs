using System.Runtime.InteropServices;

namespace Habla.Baselines;

/// <summary>All distinct n-grams of one length: a row of the trie in which an n-gram's parent is its context.</summary>
internal sealed class NgramLevel
{
    private readonly Dictionary<ulong, int> _index = [];
    private readonly List<int> _parent = [];

    /// <summary>How often each n-gram was seen.</summary>
    public List<int> Counts { get; } = [];

    /// <summary>After how many distinct tokens each n-gram was seen; at the beginning of a sequence every time counts.</summary>
    public List<int> Continuations { get; } = [];

    /// <summary>By n-gram: what followed it, in counts. Known after <see cref="NgramCounts"/> is complete.</summary>
    public ContextCounts[] Followers { get; set; } = [];

    /// <summary>By n-gram: what followed it, in continuation counts.</summary>
    public ContextCounts[] FollowerContinuations { get; set; } = [];

    /// <summary>How many n-grams were seen once, twice, three and four times (indices 1 to 4).</summary>
    public int[] CountsOfCounts { get; } = new int[5];

    /// <summary>The same of the continuation counts.</summary>
    public int[] CountsOfContinuations { get; } = new int[5];

    public int Find(ulong key) => _index.TryGetValue(key, out int index) ? index : NgramCounts.Unseen;

    public int FindOrAdd(ulong key, int parent, out bool added)
    {
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, key, out bool exists);
        if (!exists)
        {
            index = Counts.Count;
            Counts.Add(0);
            Continuations.Add(0);
            _parent.Add(parent);
        }

        added = !exists;
        return index;
    }

    /// <summary>Sums this level's n-grams up into what followed the contexts one shorter.</summary>
    public void SumInto(NgramLevel contexts)
    {
        contexts.Followers = new ContextCounts[contexts.Counts.Count];
        contexts.FollowerContinuations = new ContextCounts[contexts.Counts.Count];
        for (int i = 0; i < Counts.Count; i++)
        {
            // The first token of a sequence is a context but was never predicted.
            if (Counts[i] == 0)
                continue;
            contexts.Followers[_parent[i]].Add(Counts[i]);
            Tally(CountsOfCounts, Counts[i]);
            if (Continuations[i] > 0)
            {
                contexts.FollowerContinuations[_parent[i]].Add(Continuations[i]);
                Tally(CountsOfContinuations, Continuations[i]);
            }
        }
    }

    private static void Tally(int[] histogram, int count)
    {
        if (count < histogram.Length)
            histogram[count]++;
    }
}
