using Habla.Baselines;

namespace Habla.Tests.Baselines;

/// <summary>Interpolated modified Kneser–Ney as its definition reads, over text keys, counting everything anew for each question.</summary>
internal static class ReferenceKneserNey
{
    public static double Probability(
        int[][] train, int vocabularySize, int order, KneserNeyDiscount[] discounts, int[] context, int token)
    {
        int[] history = context.Length >= order ? context[^(order - 1)..] : context;
        return Recursive(train, vocabularySize, order, discounts, history, token);
    }

    private static double Recursive(int[][] train, int vocabularySize, int order, KneserNeyDiscount[] discounts, int[] history, int token)
    {
        double shorter = history.Length == 0
            ? 1.0 / vocabularySize
            : Recursive(train, vocabularySize, order, discounts, history[1..], token);
        int length = history.Length + 1;
        KneserNeyDiscount discount = discounts[length - 1];
        var counts = Enumerable.Range(0, vocabularySize)
            .Select(next => Count(train, [.. history, next], raw: length == order)).ToArray();
        double total = counts.Sum();
        if (total == 0)
            return shorter;
        double taken = counts.Sum(Off);
        return (counts[token] - Off(counts[token]) + (taken * shorter)) / total;

        double Off(int count) => count switch { 0 => 0, 1 => discount.Once, 2 => discount.Twice, _ => discount.More };
    }

    private static int Count(int[][] train, int[] ngram, bool raw)
    {
        int times = 0, atBeginning = 0;
        var before = new HashSet<int>();
        foreach (int[] sequence in train)
        {
            for (int begin = 0; begin + ngram.Length <= sequence.Length; begin++)
            {
                // The last token of an n-gram is a predicted one, and the first of a sequence is not.
                if (begin + ngram.Length - 1 == 0 || !sequence.AsSpan(begin, ngram.Length).SequenceEqual(ngram))
                    continue;
                times++;
                if (begin == 0)
                    atBeginning++;
                else
                    before.Add(sequence[begin - 1]);
            }
        }

        return raw ? times : before.Count + atBeginning;
    }
}
