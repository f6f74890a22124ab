using Habla.Ingestion;

namespace Habla.Tests.Ingestion;

public class MinHashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(400)]
    public void The_estimate_is_near_the_true_share_of_five_word_pieces(int changedFrom)
    {
        double error = 0, most = 0;
        for (int text = 0; text < 40; text++)
        {
            string[] first = Words(text, 500), second = [.. first[changedFrom..], .. Words(text + 1000, changedFrom)];
            double found = MinHashSignature.Of(string.Join(' ', first)).Similarity(MinHashSignature.Of(string.Join(", ", second)));
            double truth = Jaccard(first, second);
            error += (found - truth) / 40;
            most = Math.Max(most, Math.Abs(found - truth));
        }

        Assert.InRange(error, -0.03, 0.03); // of 40 texts the mean is within 0.007 or so
        Assert.InRange(most, 0, 0.17);
    }

    [Fact]
    public void Case_and_what_stands_between_words_make_no_difference()
    {
        string text = string.Join(' ', Words(1, 50));

        Assert.Equal(1, Similarity(text, text.ToUpperInvariant().Replace(" ", " --\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "", 1, 1)]
    [InlineData("a", "a", 1, 1)]
    [InlineData("a", "b", 0, 0.05)]
    [InlineData("yo camino / I walk", "yo camin\u00e9 / I walked", 0, 0.7)]
    [InlineData("the text of number 12", "the text of number 13", 0.5, 0.79)]
    [InlineData("the same short text", "the  same short\ntext", 1, 1)]
    [InlineData("天地玄黄宇宙洪荒日月盈昃", "天地玄黄宇宙洪荒日月盈昃", 1, 1)]
    [InlineData("天地玄黄宇宙洪荒日月盈昃", "寒来暑往秋收冬藏闰余成岁", 0, 0.05)]
    public void Short_texts_are_compared_by_characters(string one, string other, double least, double most) =>
        Assert.InRange(Similarity(one, other), least, most);

    /// <summary>Numbers that a train-validation check may keep in a file: they must not change unnoticed.</summary>
    [Fact]
    public void A_signature_is_the_same_on_every_machine()
    {
        ulong hash = 0;
        foreach (uint number in MinHashSignature.Of(string.Join(' ', Words(7, 100))).Least)
        {
            hash = (hash * 31) + number;
        }

        Assert.Equal(8673255530921664409UL, hash);
    }

    [Fact]
    public void The_index_finds_the_most_similar_and_of_equals_the_first()
    {
        var index = new NearDuplicateIndex(0.8);
        string[] words = Words(3, 400);
        MinHashSignature whole = MinHashSignature.Of(string.Join(' ', words));
        index.Add(MinHashSignature.Of(string.Join(' ', Words(4, 400))));
        index.Add(MinHashSignature.Of(string.Join(' ', words[30..])));
        index.Add(MinHashSignature.Of(string.Join(' ', words[2..])));
        index.Add(MinHashSignature.Of(string.Join(' ', words[2..])));

        Assert.Equal(2, index.Find(whole)!.Value.Entry);
        Assert.Null(index.Find(MinHashSignature.Of(string.Join(' ', Words(5, 400)))));
        Assert.Equal(4, index.Count);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void The_index_misses_hardly_any_text_at_its_threshold(double threshold)
    {
        int asSimilar = 0, found = 0;
        for (int text = 0; text < 300; text++)
        {
            string[] words = Words(text, 300);
            int kept = (int)(300 * 2 * threshold / (1 + threshold)) + 3;
            MinHashSignature one = MinHashSignature.Of(string.Join(' ', words));
            MinHashSignature other = MinHashSignature.Of(string.Join(' ', [.. words[..kept], .. Words(text + 9000, 300 - kept)]));
            var index = new NearDuplicateIndex(threshold);
            index.Add(one);
            asSimilar += one.Similarity(other) >= threshold ? 1 : 0;
            found += index.Find(other) is null ? 0 : 1;
        }

        Assert.True(asSimilar > 100, $"{asSimilar} pairs are at the threshold");
        Assert.InRange(asSimilar - found, 0, 3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_threshold_out_of_range_is_refused(double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NearDuplicateIndex(threshold));

    [Theory]
    [InlineData("a\nb", "a \t\nb\n\n", true)]
    [InlineData("a\nb", "a\n\nb", false)]
    [InlineData("a", " a", false)]
    [InlineData("", "\n \n", true)]
    [InlineData("a b", "a  b", false)]
    public void White_space_at_the_ends_of_lines_makes_no_other_text(string one, string other, bool same) =>
        Assert.Equal(same, TextKey.Of(one) == TextKey.Of(other));

    private static double Similarity(string one, string other) => MinHashSignature.Of(one).Similarity(MinHashSignature.Of(other));

    private static double Jaccard(string[] one, string[] other)
    {
        HashSet<string> a = [.. Pieces(one)], b = [.. Pieces(other)];
        int common = a.Count(b.Contains);
        return (double)common / (a.Count + b.Count - common);
    }

    private static IEnumerable<string> Pieces(string[] words)
    {
        string[] padded = ["", "", "", "", .. words, "", "", "", ""];
        return Enumerable.Range(0, words.Length + 4).Select(i => string.Join(' ', padded[i..(i + 5)]));
    }

    private static string[] Words(int seed, int count)
    {
        uint state = (uint)seed * 2654435761;
        return [.. Enumerable.Range(0, count).Select(_ => "w" + ((state = (state * 1664525) + 1013904223) >> 12) % 5000)];
    }
}
