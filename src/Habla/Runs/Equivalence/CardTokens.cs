using Habla.Data;

namespace Habla.Runs.Equivalence;

/// <summary>What the rows of a card are measured on: the first tokens of some data, read as the model would go on from them.</summary>
/// <param name="Sequences">
/// Of sentences, rows; of a text or shards one sequence, so that what happens past the context is measured too.
/// </param>
/// <param name="PastContext">How many tokens are predicted after the window has slid for the first time.</param>
internal sealed record CardTokens(IReadOnlyList<int[]> Sequences, int PastContext)
{
    /// <summary>Tokens that are predicted.</summary>
    public int Count => Sequences.Sum(sequence => sequence.Length - 1);

    /// <summary>Takes the first tokens of a data set.</summary>
    /// <param name="data">The data.</param>
    /// <param name="atMost">How many tokens to predict at most, whole rows of sentences excepted; at least 1.</param>
    public static CardTokens Of(SequenceDataset data, int atMost)
    {
        int[][] sequences = data switch
        {
            WindowDataset windows => [windows.Stream[..Math.Min(windows.Stream.Length, atMost + 1)].ToArray()],
            Data.Shards.ShardDataset shards => [FirstOf(shards, atMost + 1)],
            _ => [.. Rows(data, atMost)],
        };
        return new CardTokens(sequences, sequences.Sum(sequence => Math.Max(0, sequence.Length - 1 - data.SequenceLength)));
    }

    private static int[] FirstOf(Data.Shards.ShardDataset shards, int count)
    {
        int[] ids = new int[Math.Min(shards.Shards.Length, count)];
        shards.Shards.Copy(0, ids);
        return ids;
    }

    private static IEnumerable<int[]> Rows(SequenceDataset data, int atMost)
    {
        int count = 0;
        for (long row = 0; row < data.Count && count < atMost; row++)
        {
            int[] sequence = data.Sequence(row).ToArray();
            count += sequence.Length - 1;
            yield return sequence;
        }
    }
}
