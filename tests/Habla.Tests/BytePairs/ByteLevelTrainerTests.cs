using System.Text;
using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

public class ByteLevelTrainerTests
{
    /// <summary>
    /// aaabdaaabac: (a,a) four times; then aa+a and a+b twice each, and the left side "a" is the smaller; then aa+ab twice; then every
    /// pair stands once, and (a,c) is the smallest.
    /// </summary>
    [Fact]
    public void A_word_by_hand()
    {
        ByteVocabulary vocabulary = Train(new() { VocabularySize = 260 }, "aaabdaaabac"u8.ToArray());
        Assert.Equal(
            [new ByteMerge('a', 'a', 256), new('a', 'b', 257), new(256, 257, 258), new('a', 'c', 259)], vocabulary.Merges);
        Assert.Equal([258, 'd', 258, 259], new ByteLevelEncoder(vocabulary, SplitPattern.Gpt4).Encode("aaabdaaabac"u8));
    }

    [Fact]
    public void Rules_are_those_of_counting_anew_for_each()
    {
        for (uint number = 0; number < 40; number++)
        {
            // Two or three letters overlap themselves in every way; awkward text has what is cut and what is no UTF-8.
            SplitPattern pattern = SplitPattern.All[(int)number % 2];
            byte[][] documents = number % 4 == 3
                ? [.. Enumerable.Range(0, 6).Select(i => AwkwardText.Make((number * 10) + (uint)i, 40))]
                : [AwkwardText.Bytes(number, 300, 'a', 2 + (int)(number % 3)), AwkwardText.Bytes(number + 100, 200, ' ', 66)];
            List<(string Left, string Right)> expected = ReferenceByteBpe.Train(pattern, documents, 60);
            ByteVocabulary vocabulary = Train(new() { VocabularySize = 256 + expected.Count, Pattern = pattern }, documents);
            Assert.Equal(expected, vocabulary.Merges.Select(merge => (Hex(vocabulary, merge.Left), Hex(vocabulary, merge.Right))));
            Assert.All(vocabulary.Merges, (merge, rank) => Assert.Equal(256 + rank, merge.Joined));
        }
    }

    /// <summary>Pairs a thousand times rarer than the most frequent one are looked at only when no others are left.</summary>
    [Fact]
    public void Rare_pairs_have_their_turn_in_the_same_order()
    {
        byte[][] documents =
        [
            .. new[] { ("ab ", 9000), ("cde ", 300), ("fgh ", 40), ("ij ", 8), ("klmn ", 7), ("op ", 2), ("qrstu ", 1), ("vw ", 1) }
                .Select(words => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(words.Item1, words.Item2)))),
        ];
        List<(string Left, string Right)> expected = ReferenceByteBpe.Train(SplitPattern.Gpt4, documents, 40);
        ByteVocabulary vocabulary = Train(new() { VocabularySize = 256 + expected.Count }, documents);
        Assert.Equal(expected, vocabulary.Merges.Select(merge => (Hex(vocabulary, merge.Left), Hex(vocabulary, merge.Right))));
        Assert.True(vocabulary.TryGetId("qrstu"u8, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Threads_and_the_way_the_text_comes_change_nothing(int threads)
    {
        // More than a part, without any document's end at a part's; the stream gives it in small pieces.
        byte[] text = [.. Enumerable.Range(0, 40_000).SelectMany(i => AwkwardText.Make((uint)i % 9_000, 16))];
        Assert.True(text.Length > 3 * TextParts.PartSize, $"{text.Length} bytes");
        var options = new ByteLevelTrainerOptions { VocabularySize = 600, Threads = threads };
        ByteVocabulary expected = Train(options with { Threads = 1 }, text);
        Assert.Equal(expected.Merges, Train(options, text).Merges);

        var streaming = new ByteLevelTrainer(options);
        streaming.Count(new SlowStream(text));
        Assert.Equal(expected.Merges, streaming.Train().Merges);
        Assert.Equal(text.Length, streaming.Bytes);
    }

    [Fact]
    public void A_word_longer_than_any_part_is_read_whole()
    {
        byte[] text = [.. Enumerable.Repeat((byte)'x', 3 * TextParts.PartSize), .. " y "u8, .. Enumerable.Repeat((byte)'z', 1000)];
        foreach (bool streams in (bool[])[false, true])
        {
            var trainer = new ByteLevelTrainer(new() { VocabularySize = 270, Threads = 2 });
            if (streams)
            {
                trainer.Count(new MemoryStream(text));
            }
            else
            {
                trainer.Count([text]);
            }

            Assert.Equal(3, trainer.DistinctWords);
            Assert.Equal(16, trainer.Train().Bytes(259).Length);
        }
    }

    [Fact]
    public void No_piece_crosses_from_one_document_to_the_next()
    {
        var trainer = new ByteLevelTrainer(new() { VocabularySize = 257 });
        trainer.Count([Encoding.UTF8.GetBytes("ab"), default, Encoding.UTF8.GetBytes("cd")]);
        trainer.Count(new MemoryStream("ab"u8.ToArray()));
        Assert.Equal(2, trainer.DistinctWords);
        Assert.Equal(6, trainer.Bytes);
        Assert.Equal([new ByteMerge('a', 'b', 256)], trainer.Train().Merges);
        Assert.Throws<InvalidOperationException>(trainer.Train);
        Assert.Throws<InvalidOperationException>(() => trainer.Count([]));
    }

    [Fact]
    public void Special_tokens_come_first_and_their_names_are_never_learned()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<<< ", 50)));
        ByteVocabulary vocabulary = Train(
            new() { VocabularySize = 2 + 256 + 1, SpecialTokens = ["<<<", "<bos>"], Pattern = SplitPattern.Gpt2 }, text);
        Assert.True(vocabulary.IsSpecial(0) && vocabulary.IsSpecial(1) && !vocabulary.IsSpecial(2));
        Assert.Equal(2 + 'a', vocabulary.ByteId((byte)'a'));
        Assert.Equal([new ByteMerge(2 + '<', 2 + '<', 258)], vocabulary.Merges);
        Assert.Contains(
            "the training text only gives",
            Assert.Throws<InvalidOptionException>(() => Train(
                new() { VocabularySize = 261, SpecialTokens = ["<<<", " <<<", "  <<<"] }, "<<<"u8.ToArray())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_text_says_both_numbers()
    {
        var error = Assert.Throws<InvalidOptionException>(() => Train(new() { VocabularySize = 300 }, "abc ab"u8.ToArray()));
        Assert.Equal("tokenizer.vocab_size", error.Key);
        Assert.Contains("300 tokens were asked for, but the training text only gives 259", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Throws<InvalidOptionException>(() => new ByteLevelTrainer(new() { VocabularySize = 255 }));
        Assert.Throws<InvalidOptionException>(() => new ByteLevelTrainer(new() { VocabularySize = 256, SpecialTokens = ["<a>"] }));
        Assert.Throws<InvalidOptionException>(() => new ByteLevelTrainer(new() { SpecialTokens = ["<a>", "<a>"] }));
        Assert.Throws<InvalidOptionException>(() => new ByteLevelTrainer(new() { Threads = 0 }));
    }

    [Fact]
    public void Progress_tells_bytes_then_rules()
    {
        var told = new List<ByteLevelProgress>();
        byte[] text = [.. Enumerable.Range(0, 5_000).SelectMany(i => AwkwardText.Make((uint)i, 20))];
        var trainer = new ByteLevelTrainer(new() { VocabularySize = 256 + 300, Threads = 2 }, told.Add);
        trainer.Count([text, text, text]);
        trainer.Train();
        Assert.Equal(new ByteLevelProgress(3 * text.Length, 0, 300), told.Last(one => one.Merges == 0));
        Assert.Equal([256, 300], told.Where(one => one.Merges > 0).Select(one => one.Merges));
        Assert.Equal(told.OrderBy(one => one.Bytes), told);
    }

    private static string Hex(ByteVocabulary vocabulary, int id) => Convert.ToHexString(vocabulary.Bytes(id));

    private static ByteVocabulary Train(ByteLevelTrainerOptions options, params byte[][] documents)
    {
        var trainer = new ByteLevelTrainer(options);
        trainer.Count(documents.Select(document => (ReadOnlyMemory<byte>)document));
        return trainer.Train();
    }

    /// <summary>Gives less than it is asked for, as a network or a decompressor does.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7919)]);
    }
}
