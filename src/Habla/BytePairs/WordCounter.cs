using Habla.Tensors.Threading;

namespace Habla.BytePairs;

/// <summary>
/// Counts the words of a text on several threads: each counts parts into a table of its own, and the tables are added at the end, so the
/// counts do not depend on who counted what.
/// </summary>
internal sealed class WordCounter(SplitPattern pattern, Action<long> countedBytes)
{
    private readonly Lock _source = new();

    /// <summary>Adds what the parts hold.</summary>
    public void Count(TextParts text, WordCounts words, WorkerPool pool)
    {
        var tables = new WordCounts[pool.ThreadCount];
        tables[0] = words;
        pool.For(pool.ThreadCount, new Counting { Counter = this, Text = text, Tables = tables });
        for (int i = 1; i < tables.Length; i++)
        {
            words.Add(tables[i]);
            tables[i] = null!;
        }
    }

    private void Count(TextParts text, WordCounts words)
    {
        var batch = new TextParts.Batch();
        long counted = 0;
        while (Next(text, batch, counted))
        {
            counted = 0;
            foreach (ReadOnlyMemory<byte> part in batch.Parts)
            {
                Count(part.Span, words);
                counted += part.Length;
            }
        }
    }

    private bool Next(TextParts text, TextParts.Batch batch, long counted)
    {
        lock (_source)
        {
            if (counted > 0)
            {
                countedBytes(counted);
            }

            return text.Next(batch);
        }
    }

    private void Count(ReadOnlySpan<byte> text, WordCounts words)
    {
        while (!text.IsEmpty)
        {
            int length = pattern.NextPiece(text);
            words.Add(text[..length]);
            text = text[length..];
        }
    }

    private struct Counting : IParallelWork
    {
        public WordCounter Counter;
        public TextParts Text;
        public WordCounts[] Tables;

        public readonly void Run(int piece) => Counter.Count(Text, Tables[piece] ??= new WordCounts());
    }
}
