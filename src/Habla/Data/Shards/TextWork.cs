namespace Habla.Data.Shards;

/// <summary>Work on many texts by several threads, with results in their order and few of them in memory.</summary>
internal static class TextWork
{
    private const int MostItems = 1024;
    private const long MostCharacters = 16L << 20;

    /// <summary>Works on the texts, some megabytes of them at a time.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="work">What to do with each; depends on nothing else.</param>
    public static IEnumerable<TResult> Select<TResult>(IEnumerable<SourceText> texts, int threads, Func<SourceText, TResult> work)
    {
        var some = new List<SourceText>();
        long characters = 0;
        foreach (SourceText text in texts)
        {
            some.Add(text);
            characters += text.Text.Length;
            if (some.Count == MostItems || characters >= MostCharacters)
            {
                foreach (TResult result in Work(some, threads, work))
                {
                    yield return result;
                }

                some.Clear();
                characters = 0;
            }
        }

        foreach (TResult result in Work(some, threads, work))
        {
            yield return result;
        }
    }

    private static TResult[] Work<TResult>(List<SourceText> texts, int threads, Func<SourceText, TResult> work)
    {
        var results = new TResult[texts.Count];
        var errors = new InvalidInputException?[texts.Count];
        Parallel.For(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            try
            {
                results[i] = work(texts[i]);
            }
            catch (InvalidInputException error)
            {
                errors[i] = new InvalidInputException($"{texts[i].Id}: {error.Message}", error);
            }
        });
        return errors.FirstOrDefault(error => error is not null) is { } first ? throw first : results; // always the same one is told
    }
}
