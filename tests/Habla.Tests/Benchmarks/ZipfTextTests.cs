using Habla.Benchmarks;
using Habla.BytePairs;

namespace Habla.Tests.Benchmarks;

public class ZipfTextTests
{
    [Fact]
    public void A_seed_is_one_text()
    {
        byte[] text = Write(5, 200_000);
        Assert.Equal(text, Write(5, 200_000));
        Assert.NotEqual(text, Write(6, 200_000));
        Assert.InRange(text.Length, 200_000, 200_100);
    }

    [Fact]
    public void A_few_words_are_half_of_the_text_and_most_words_are_rare()
    {
        var words = new WordCounts();
        byte[] text = Write(5, 1_000_000);
        for (int at = 0; at < text.Length;)
        {
            int length = SplitPattern.Gpt4.NextPiece(text.AsSpan(at));
            words.Add(text.AsSpan(at, length));
            at += length;
        }

        long[] times = [.. Enumerable.Range(0, words.Count).Select(words.Times).OrderDescending()];
        Assert.True(times.Length > 30_000, $"{times.Length} distinct words");
        Assert.True(times.Take(500).Sum() > times.Sum() / 3, $"the 500 most frequent are {times.Take(500).Sum()} of {times.Sum()}");
        Assert.True(times.Count(count => count == 1) > times.Length / 2, "more than half of the words stand once");
    }

    private static byte[] Write(ulong seed, long bytes)
    {
        using var stream = new MemoryStream();
        new ZipfText(seed).WriteTo(stream, bytes);
        return stream.ToArray();
    }
}
