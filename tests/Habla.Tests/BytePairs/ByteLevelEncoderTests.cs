using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

public class ByteLevelEncoderTests
{
    private static readonly ByteVocabulary s_awkward =
        Train(SplitPattern.Gpt4, Enumerable.Range(0, 3000).SelectMany(i => AwkwardText.Make((uint)i, 14)), 400);

    private static readonly ByteVocabulary s_overlaps = Train(SplitPattern.Gpt4, AwkwardText.Bytes(1, 20_000, 'a', 3), 300);

    [Fact]
    public void Ids_are_those_of_the_definition()
    {
        foreach (ByteVocabulary vocabulary in (ByteVocabulary[])[s_awkward, s_overlaps])
        {
            var encoder = new ByteLevelEncoder(vocabulary, SplitPattern.Gpt4);
            for (uint number = 0; number < 400; number++)
            {
                byte[] text = (number % 4) switch
                {
                    0 => AwkwardText.Make(number + 5000, 30),
                    1 => AwkwardText.Bytes(number, (int)number, 0, 256),
                    2 => AwkwardText.Bytes(number, (int)number, 'a', 2),
                    _ => AwkwardText.Bytes(number, 1 + ((int)number % 60), 'a', 3),
                };
                Assert.Equal(ReferenceByteBpe.Encode(vocabulary, SplitPattern.Gpt4, text), encoder.Encode(text));
            }
        }
    }

    /// <summary>The whole word is a token, but no rule leads to it: "ab" is joined first and "bc" never.</summary>
    [Fact]
    public void A_token_that_no_rule_leads_to_is_not_used()
    {
        byte[]?[] tokens =
        [
            .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), "ab"u8.ToArray(), "bc"u8.ToArray(), "abc"u8.ToArray(),
        ];
        var vocabulary = new ByteVocabulary(tokens, [new('a', 'b', 256), new('b', 'c', 257), new('a', 257, 258)]);
        var encoder = new ByteLevelEncoder(vocabulary, SplitPattern.Gpt2);
        Assert.Equal([256, 'c'], encoder.Encode("abc"u8));
        Assert.Equal([257, 256, 'c'], encoder.Encode("bcabc"u8));
    }

    [Fact]
    public void Ids_need_not_stand_in_the_order_of_the_rules()
    {
        byte[]?[] tokens = ["abc"u8.ToArray(), null, "ab"u8.ToArray(), .. ByteAlphabet.Gpt2Order.Select(value => new[] { value })];
        int a = 3 + ByteAlphabet.Gpt2Order.ToList().IndexOf((byte)'a');
        var encoder = new ByteLevelEncoder(new ByteVocabulary(tokens, [new(a, a + 1, 2), new(2, a + 2, 0)]), SplitPattern.Gpt2);
        Assert.Equal([0, 2, a], encoder.Encode("abcaba"u8));
        Assert.Equal("abcaba"u8, encoder.Decode([0, 1, 2, 1, a]));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Decode([tokens.Length]));
    }

    [Fact]
    public void Any_bytes_survive_the_round_trip()
    {
        ByteLevelEncoder[] encoders =
        [
            .. SplitPattern.All.SelectMany(pattern => new[] { new ByteLevelEncoder(s_awkward, pattern), new(s_overlaps, pattern) }),
        ];
        Prop.ForAll<byte[]>(bytes => encoders.All(encoder => encoder.Decode(encoder.Encode(bytes)).AsSpan().SequenceEqual(bytes)))
            .QuickCheckThrowOnFailure();
        for (uint number = 0; number < 2000; number++)
        {
            byte[] text = AwkwardText.Make(number, 30);
            Assert.All(encoders, encoder => Assert.Equal(text, encoder.Decode(encoder.Encode(text))));
        }
    }

    [Fact]
    public void What_is_written_is_added_to_what_is_there()
    {
        var encoder = new ByteLevelEncoder(s_awkward, SplitPattern.Gpt4);
        byte[] text = [.. Enumerable.Range(0, 3000).SelectMany(i => AwkwardText.Make((uint)i, 20))];
        int[] expected = encoder.Encode(text);
        Assert.True(expected.Length > 3 * 4096, "more than the room that is asked for at once");
        List<int> list = [-7, -8];
        encoder.EncodeTo(text, list);
        encoder.EncodeTo([], list);
        Assert.Equal([-7, -8, .. expected], list);
        var buffer = new ArrayBufferWriter<int>();
        encoder.EncodeTo(text, buffer);
        Assert.Equal(expected, buffer.WrittenSpan.ToArray());
        Assert.Empty(encoder.Encode([]));
    }

    [Fact]
    public void Several_threads_may_use_one_encoder()
    {
        var encoder = new ByteLevelEncoder(s_awkward, SplitPattern.Gpt4);
        byte[][] texts = [.. Enumerable.Range(0, 200).Select(i => AwkwardText.Make((uint)i, 200))];
        int[][] expected = [.. texts.Select(text => new ByteLevelEncoder(s_awkward, SplitPattern.Gpt4).Encode(text))];
        Parallel.For(0, 2000, i => Assert.Equal(expected[i % 200], encoder.Encode(texts[i % 200])));
    }

    /// <summary>More distinct pieces than the cache has places: pieces push each other out and come back.</summary>
    [Fact]
    public void A_full_cache_changes_nothing()
    {
        var encoder = new ByteLevelEncoder(s_overlaps, SplitPattern.Gpt2);
        string[] words =
        [
            .. Enumerable.Range(0, 40_000).Select(i => $"a{Convert.ToString(i, 2).Replace('0', 'b').Replace('1', 'c')}"),
        ];
        int[][] expected =
        [
            .. words.Select(word => ReferenceByteBpe.Encode(s_overlaps, SplitPattern.Gpt2, Encoding.UTF8.GetBytes(word))),
        ];
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', words));
        int[] all = [.. expected.SelectMany((ids, i) => i == 0 ? ids : ids.Prepend('\n'))];
        Assert.Equal(all, encoder.Encode(text));
        Assert.Equal(all, encoder.Encode(text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_word_of_a_million_letters_takes_few_turns_a_letter(int kinds)
    {
        byte[] word = AwkwardText.Bytes(9, 1_000_000, 'a', kinds);
        var encoder = new ByteLevelEncoder(s_overlaps, SplitPattern.Gpt4);
        int[] ids = encoder.Encode(word);
        Assert.Equal(word, encoder.Decode(ids));

        int[] bytes = [.. word.Select(value => (int)value)];
        int count = LongMerge.Run(new MergeTable(s_overlaps.Merges), bytes, out long turns);
        Assert.Equal(ids, bytes[..count]);
        Assert.InRange(turns, word.Length - count, 3 * word.Length);
    }

    private static ByteVocabulary Train(SplitPattern pattern, IEnumerable<byte> text, int rules)
    {
        var trainer = new ByteLevelTrainer(new() { VocabularySize = 256 + rules, Pattern = pattern, Threads = 1 });
        trainer.Count([text.ToArray()]);
        return trainer.Train();
    }
}
