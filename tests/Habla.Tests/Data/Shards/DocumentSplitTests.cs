using Habla.Data.Shards;
using Habla.Tensors;

namespace Habla.Tests.Data.Shards;

public class DocumentSplitTests
{
    private const int Words = 120;

    [Fact]
    public void A_document_stays_where_it_is_when_others_come_or_go_or_change_places()
    {
        SourceText[] few = Texts(0, 200), many = [.. Texts(500, 300), .. few.Reverse()];
        DocumentSplit before = Split(few), after = Split(many);
        for (int i = 0; i < few.Length; i++)
        {
            Assert.Equal(before.IsValidation(i), after.IsValidation(many.Length - 1 - i));
        }

        Assert.InRange(before.ValidationCount, 40 - 20, 40 + 20); // binomial: 3.5 standard deviations
        Assert.InRange(after.ValidationCount, 100 - 32, 100 + 32);
        Assert.Equal((200, 0, 0), (before.Count, before.GroupedDocuments, before.Leaks));
    }

    [Fact]
    public void Another_seed_splits_otherwise_and_threads_do_not()
    {
        SourceText[] texts = Texts(0, 200);
        Assert.NotEqual(Sides(Split(texts)), Sides(DocumentSplit.Of(texts, 0.2, seed: 8, threads: 2)));
        Assert.Equal(Sides(Split(texts)), Sides(DocumentSplit.Of(texts, 0.2, seed: 7, threads: 1)));
    }

    [Fact]
    public void Near_duplicates_go_together_also_over_others_and_none_is_across()
    {
        SourceText[] texts = Texts(0, 60);
        var all = new List<SourceText>();
        foreach (SourceText text in texts)
        {
            // A chain: each is like the next, the ends are not very much.
            string[] words = text.Text.Split(' ');
            all.Add(text);
            for (int step = 1; step <= 4; step++)
            {
                words[(step * 24) - 5] = "changed" + step;
                all.Add(new SourceText($"{text.Id} {step}", string.Join(' ', words)));
            }

            all.Add(new SourceText(text.Id + " again", text.Text));
        }

        DocumentSplit split = Split([.. all]);
        Assert.Equal(60 * 5, split.GroupedDocuments);
        Assert.Equal(0, split.Leaks);
        for (int i = 0; i < all.Count; i++)
        {
            Assert.Equal(split.IsValidation(i / 6 * 6), split.IsValidation(i));
        }

        Assert.InRange(split.ValidationCount / 6, 3, 25);
        Assert.Equal(0, PairsAcross(all, split)); // counted exactly, text by text
    }

    [Fact]
    public void The_count_of_leaks_finds_what_is_across()
    {
        SourceText[] texts = [.. Texts(0, 10), .. Texts(0, 3)];
        TextSignature[] signatures = [.. texts.Select(TextSignature.Of)];
        bool[] last = [.. texts.Select((_, i) => i >= 10)];
        Assert.Equal(3, NearDuplicates.CountAcross(signatures, last));
        Assert.Equal(0, NearDuplicates.CountAcross(signatures, new bool[13]));
        Assert.Equal(0, NearDuplicates.CountAcross(signatures, [.. texts.Select((_, i) => i is 0 or 10)]));

        // Changed in one word of 120, which is in five of 116 runs.
        texts[11] = texts[11] with { Text = texts[11].Text.Replace(texts[11].Text.Split(' ')[50], "other", StringComparison.Ordinal) };
        signatures[11] = TextSignature.Of(texts[11]);
        Assert.Equal(3, NearDuplicates.CountAcross(signatures, last));
        signatures[0] = signatures[0] with { Source = "book.pdf" };
        bool[] onlyThird = [.. texts.Select((_, i) => i == 3)];
        Assert.Equal(0, NearDuplicates.CountAcross(signatures, onlyThird));
        signatures[3] = signatures[3] with { Source = "book.pdf" };
        Assert.Equal(1, NearDuplicates.CountAcross(signatures, onlyThird));
    }

    [Fact]
    public void All_pages_of_a_file_go_together_and_records_do_not()
    {
        SourceText[] pages = [.. Texts(0, 400).Select((text, i) => text with { Source = $"book {i / 10}.pdf" })];
        DocumentSplit split = Split(pages);
        Assert.Equal((40, 0, 0), (split.Sources, split.GroupedDocuments, split.Leaks));
        Assert.All(Enumerable.Range(0, 400), page => Assert.Equal(split.IsValidation(page / 10 * 10), split.IsValidation(page)));
        Assert.InRange(split.ValidationCount / 10, 1, 20);

        // The fifth page of the first book stands in the second as well, but for a word: both books go together.
        SourceText[] again = [.. pages];
        again[15] = pages[4] with { Text = pages[4].Text + " more", Source = "book 1.pdf" };
        DocumentSplit joined = Split(again);
        Assert.All(Enumerable.Range(0, 20), page => Assert.Equal(joined.IsValidation(0), joined.IsValidation(page)));
        Assert.Equal((1, 0), (joined.GroupedDocuments, joined.Leaks));
        Assert.NotEqual(split.Id, joined.Id);
        Assert.Equal(split.Id, Split(pages).Id);
    }

    [Fact]
    public void Very_many_equal_or_similar_texts_are_joined_without_comparing_all_pairs()
    {
        string[] words = Texts(0, 1)[0].Text.Split(' ');
        SourceText[] equal = [.. Enumerable.Repeat(Texts(1, 1)[0], 20_000)];
        SourceText[] similar = [.. Enumerable.Range(0, 5_000).Select(
            i => new SourceText($"similar {i}", string.Join(' ', words[..^1].Append($"last{i}"))))];
        DocumentSplit split = Split([.. equal, .. similar]);
        Assert.Equal((19_999 + 4_999, 0), (split.GroupedDocuments, split.Leaks));
    }

    private static DocumentSplit Split(SourceText[] texts) => DocumentSplit.Of(texts, 0.2, seed: 7, threads: 2);

    private static bool[] Sides(DocumentSplit split) => [.. Enumerable.Range(0, split.Count).Select(split.IsValidation)];

    /// <summary>Texts of words that are made up, so that no two have a run of words in common.</summary>
    private static SourceText[] Texts(int first, int count) =>
    [
        .. Enumerable.Range(first, count).Select(number => new SourceText(
            $"text {number}",
            string.Join(' ', Enumerable.Range(0, Words).Select(
                word => $"w{new SeededRandom(3, RandomPurpose.Corpus, (uint)number).UInt32((ulong)word) % 100_000}")))),
    ];

    private static int PairsAcross(List<SourceText> texts, DocumentSplit split)
    {
        HashSet<string>[] runs = [.. texts.Select(text => Runs(text.Text))];
        int across = 0;
        for (int a = 0; a < texts.Count; a++)
        {
            for (int b = 0; b < a; b++)
            {
                if (split.IsValidation(a) != split.IsValidation(b))
                {
                    int common = runs[a].Count(runs[b].Contains);
                    across += common >= 0.8 * (runs[a].Count + runs[b].Count - common) ? 1 : 0;
                }
            }
        }

        return across;
    }

    private static HashSet<string> Runs(string text)
    {
        string[] words = text.Split(' ');
        return [.. Enumerable.Range(0, words.Length - 4).Select(first => string.Join(' ', words[first..(first + 5)]))];
    }
}
