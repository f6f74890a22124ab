using System.Text;
using Habla.Generation;
using Habla.Tensors;

namespace Habla.Tests.Generation;

public class StreamedTextTests
{
    [Fact]
    public void Half_a_character_waits_for_the_other_half()
    {
        var text = new StreamedText([]);
        byte[] bytes = Encoding.UTF8.GetBytes("ñ€😀x");
        Assert.Equal(["", "ñ", "", "", "€", "", "", "", "😀", "x"], bytes.Select(one => text.Add([one])));
        Assert.Equal("", text.Finish());
    }

    [Fact]
    public void Half_a_character_at_the_end_is_told_as_such()
    {
        var text = new StreamedText([]);
        Assert.Equal("a", text.Add([0x61, 0xE2, 0x82]));
        Assert.Equal("\uFFFD", text.Finish());
    }

    [Fact]
    public void What_may_become_a_stop_string_is_held_back_until_it_is_decided()
    {
        var text = new StreamedText(["END", "\n\n"]);
        Assert.Equal(["a", "", "", "ENx", "", "\nb"], ((string[])["a", "E", "N", "x", "\n", "b"]).Select(piece => Add(text, piece)));
        Assert.Equal("c", Add(text, "cEN"));
        Assert.False(text.IsStopped);
        Assert.Equal("", Add(text, "D and more"));
        Assert.True(text.IsStopped);
        Assert.Equal("aENx\nbc".Length, text.ByteCount);
        Assert.Equal(("", ""), (Add(text, "more"), text.Finish()));
    }

    [Fact]
    public void What_was_held_back_is_given_when_the_text_ends()
    {
        var text = new StreamedText(["END"]);
        Assert.Equal("a", Add(text, "aEN"));
        Assert.Equal("EN", text.Finish());
    }

    [Theory]
    [InlineData("xaab", "aab", "x")] // the second a begins anew
    [InlineData("xabcd", "bc|abcd", "xa")] // bc comes true first
    [InlineData("xabcd", "bcd|abcd", "x")] // both at once: the longer
    [InlineData("xabab", "abab|ab", "x")]
    [InlineData("año", "ñ", "a")]
    [InlineData("😀😁", "😁", "😀")] // they share three bytes of four
    [InlineData("aaaa", "aa", "")]
    [InlineData("nothing", "NOT", "nothing")]
    public void The_text_ends_before_the_first_stop_string_to_come_true(string said, string stops, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(said);
        for (int step = 1; step <= bytes.Length; step++)
        {
            var text = new StreamedText(stops.Split('|'));
            string all = string.Concat(bytes.Chunk(step).Select(piece => text.Add(piece))) + text.Finish();
            Assert.Equal(expected, all);
            Assert.Equal(Encoding.UTF8.GetByteCount(expected), text.ByteCount);
        }
    }

    /// <summary>Bytes of an alphabet so small that stop strings and broken characters come all the time, cut anywhere.</summary>
    [Fact]
    public void Pieces_of_any_bytes_make_the_whole_and_nothing_shown_is_ever_taken_back()
    {
        byte[] alphabet = [0x61, 0x62, 0xC3, 0xB1, 0xF0, 0x9F, 0x98, 0x80];
        for (uint round = 0; round < 400; round++)
        {
            var random = new SeededRandom(1, RandomPurpose.Corpus, round);
            byte[] bytes = [.. Enumerable.Range(0, 60).Select(i => alphabet[random.Below((ulong)i, alphabet.Length)])];
            string[] stops = [.. Enumerable.Range(0, (int)(round % 4)).Select(i =>
                string.Concat(Enumerable.Range(0, 2 + random.Below((ulong)(100 + i), 3))
                    .Select(j => ((string[])["a", "b", "ñ", "😀"])[random.Below((ulong)(200 + (10 * i) + j), 4)])))];
            int end = Cut(bytes, stops);

            var text = new StreamedText(stops);
            var shown = new StringBuilder();
            for (int at = 0; at < bytes.Length;)
            {
                int next = Math.Min(bytes.Length, at + 1 + random.Below((ulong)(1_000 + at), 5));
                shown.Append(text.Add(bytes.AsSpan(at, next - at)));
                at = next;
            }

            shown.Append(text.Finish());
            Assert.Equal(Encoding.UTF8.GetString(bytes, 0, end), shown.ToString());
            Assert.Equal(end, text.ByteCount);
        }
    }

    /// <summary>By definition: the first byte with which a stop string is there, then the longest.</summary>
    private static int Cut(byte[] bytes, string[] stops)
    {
        for (int end = 1; end <= bytes.Length; end++)
        {
            int[] there = [.. stops.Select(stop => Encoding.UTF8.GetBytes(stop)).Where(stop => bytes.AsSpan(0, end).EndsWith(stop))
                .Select(stop => stop.Length)];
            if (there.Length > 0)
            {
                return end - there.Max();
            }
        }

        return bytes.Length;
    }

    private static string Add(StreamedText text, string piece) => text.Add(Encoding.UTF8.GetBytes(piece));
}
