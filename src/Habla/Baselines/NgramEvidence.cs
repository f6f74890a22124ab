using System.Runtime.InteropServices;

namespace Habla.Baselines;

/// <summary>What the counts say about one token after one context.</summary>
/// <param name="Count">How often the token followed the context.</param>
/// <param name="Context">What followed the context at all.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NgramEvidence(int Count, ContextCounts Context);

/// <summary>What followed a context: how many tokens in all, and how many distinct ones were seen once, twice, and more often.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ContextCounts
{
    public int Total;
    public int Once;
    public int Twice;
    public int More;

    public void Add(int count)
    {
        Total += count;
        if (count == 1)
            Once++;
        else if (count == 2)
            Twice++;
        else
            More++;
    }
}
