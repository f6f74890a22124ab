using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

public class TextDecoderTests
{
    private const string Sentence = "Él habló, ella cantó.\nÇa va? Müller — 你好 🙂\n";

    public static TheoryData<string> Encodings => ["utf-8", "utf-8 mark", "utf-16 mark", "utf-16be mark", "utf-32 mark"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_unicode_encoding_gives_the_same_text(string name)
    {
        Encoding encoding = name.Split(' ')[0] switch
        {
            "utf-16" => Encoding.Unicode,
            "utf-16be" => Encoding.BigEndianUnicode,
            "utf-32" => Encoding.UTF32,
            _ => Encoding.UTF8,
        };
        byte[] bytes = [.. name.EndsWith("mark", StringComparison.Ordinal) ? encoding.GetPreamble() : [], .. encoding.GetBytes(Sentence)];
        Assert.True(TextDecoder.LooksLikeText(bytes));
        Assert.Equal(new DecodedText(Sentence, IsFallback: false), TextDecoder.Decode(bytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Utf16_without_a_mark_is_known_by_its_zeros(bool bigEndian)
    {
        byte[] bytes = (bigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode).GetBytes("Plain words — and a few others: é, ñ.\n");
        Assert.True(TextDecoder.LooksLikeText(bytes));
        Assert.Equal(new DecodedText("Plain words — and a few others: é, ñ.\n", IsFallback: false), TextDecoder.Decode(bytes));
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe, 0x41, 0, 0x42 })]
    [InlineData(new byte[] { 0xff, 0xfe, 0x41, 0, 0x3d, 0xd8, 0x42, 0 })]
    [InlineData(new byte[] { 0xfe, 0xff, 0, 0x41, 0xdc, 0 })]
    [InlineData(new byte[] { 0xff, 0xfe, 0, 0, 0x41, 0, 0, 1 })]
    [InlineData(new byte[] { 0x41, 0, 0x42, 0, 0x43, 0, 0x44, 0, 0x0a })]
    public void What_is_not_what_it_begins_as_is_broken(byte[] bytes)
    {
        Assert.Equal(SkipReason.Broken, Assert.Throws<SkipException>(() => TextDecoder.Decode(bytes)).Reason);
        using var folder = new TemporaryFolder();
        Assert.Equal(SkipReason.Broken, Extracted.Reason(folder.In("a.txt"), bytes));
    }

    [Fact]
    public void A_long_text_of_two_or_four_bytes_a_character_is_whole_where_its_beginning_is_cut()
    {
        string text = "a" + string.Concat(Enumerable.Repeat("🙂", 40_000));
        using var folder = new TemporaryFolder();
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
        {
            ExtractionResult result = Extracted.From(folder.In("a.xyz"), [.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
            Assert.Equal((text, 0), (Assert.Single(result.Texts).Text, result.Latin1Fallbacks));
        }
    }

    [Fact]
    public void What_is_no_unicode_is_read_as_latin_1_and_said_to_be() =>
        Assert.Equal(new DecodedText("mañana café", IsFallback: true), TextDecoder.Decode(Encoding.Latin1.GetBytes("mañana café")));

    [Fact]
    public void Lines_end_with_a_line_feed_and_other_characters_stay() =>
        Assert.Equal("a\nb\nc\fd\u2028e\n", TextDecoder.Decode("a\r\nb\rc\fd\u2028e\r\n"u8).Text);

    [Fact]
    public void Data_is_no_text()
    {
        byte[] noise = new byte[4096];
        uint state = 1;
        for (int i = 0; i < noise.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            noise[i] = (byte)(state >> 24);
        }

        Assert.False(TextDecoder.LooksLikeText(noise));
        Assert.False(TextDecoder.LooksLikeText(new byte[100]));
        Assert.False(TextDecoder.LooksLikeText([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 1, 0, 2, 0]));
        Assert.True(TextDecoder.LooksLikeText("\e[31mred\e[0m and a bell\a in a long enough line of a log"u8));
    }
}
