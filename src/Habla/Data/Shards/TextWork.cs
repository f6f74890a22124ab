using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>Work on many texts by several threads, with results in their order and few texts in memory.</summary>
internal static class TextWork
{
    private const int MostAhead = 1024;
    private const long MostBytesAhead = 64L << 20;

    /// <summary>Works on the texts; what is wrong with one is told with its id, and of several the first in order.</summary>
    /// <param name="texts">The texts, read once, on the calling thread.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="work">What to do with each; depends on nothing else.</param>
    public static IEnumerable<TResult> Select<TResult>(IEnumerable<SourceText> texts, int threads, Func<SourceText, TResult> work) =>
        new OrderedWork(threads, MostAhead, MostBytesAhead)
            .Run(texts, BytesOf, done => done.Bytes, (text, _) => (Result: Named(text, work), Bytes: BytesOf(text)), CancellationToken.None)
            .Select(done => done.Result);

    // A result that waits is taken to be no larger than its text: ids are four bytes for some three or more of it.

    private static long BytesOf(SourceText text) => sizeof(char) * (long)text.Text.Length;

    private static TResult Named<TResult>(SourceText text, Func<SourceText, TResult> work)
    {
        try
        {
            return work(text);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{text.Id}: {error.Message}", error);
        }
    }
}
