using Habla.Baselines;
using Habla.Tensors;

namespace Habla.Tests.Baselines;

/// <summary>Made-up sequences for the tests: token 0 begins, token 1 ends, and token 2 is never seen.</summary>
internal static class NgramSamples
{
    public const int VocabularySize = 9;
    public const int NeverSeen = 2;

    /// <summary>Sequences in which most tokens follow from the two before them.</summary>
    public static int[][] Sequences(ulong seed, int count)
    {
        var sequences = new int[count][];
        for (int s = 0; s < count; s++)
        {
            var random = new SeededRandom(seed, RandomPurpose.Corpus, (uint)s);
            var tokens = new List<int> { 0, 3 + random.Below(0, 6), 3 + random.Below(1, 6) };
            int length = 3 + random.Below(2, 9);
            for (int i = 0; i < length; i++)
            {
                bool lawful = random.Below((ulong)(10 + (2 * i)), 4) > 0;
                tokens.Add(3 + (lawful ? (tokens[^1] + (2 * tokens[^2])) % 6 : random.Below((ulong)(11 + (2 * i)), 6)));
            }

            tokens.Add(1);
            sequences[s] = [.. tokens];
        }

        return sequences;
    }

    public static NgramParameters SomeParameters(NgramFamily family, int order) => family == NgramFamily.AddAlpha
        ? new NgramParameters(0.1, null)
        : new NgramParameters(
            null, [.. Enumerable.Range(1, order).Select(length => new KneserNeyDiscount(0.3 + (0.09 * length), 0.9, 1.1))]);
}
