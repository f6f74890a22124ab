namespace Habla.Data.Shards;

/// <summary>Numbered things that are joined two by two; what is joined to the same is joined.</summary>
/// <param name="count">How many; each begins by itself.</param>
internal sealed class DocumentGroups(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    /// <summary>Joins two, and with them what is joined to either.</summary>
    public void Join(int a, int b)
    {
        (int rootA, int rootB) = (Root(a), Root(b));
        _parents[Math.Max(rootA, rootB)] = Math.Min(rootA, rootB);
    }

    /// <summary>For each the first of its group.</summary>
    public int[] Firsts() => [.. Enumerable.Range(0, _parents.Length).Select(Root)];

    private int Root(int one)
    {
        while (_parents[one] != one)
        {
            one = _parents[one] = _parents[_parents[one]];
        }

        return one;
    }
}
