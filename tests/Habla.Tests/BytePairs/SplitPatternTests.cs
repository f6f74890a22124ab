using System.Text;
using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

public class SplitPatternTests
{
    public static TheoryData<string> Names => [.. SplitPattern.All.Select(pattern => pattern.Name)];

    [Theory]
    [InlineData("gpt2", "I'll go,  it's 12345 o'clock!\n\n Now", "I|'ll| go|,| | it|'s| 12345| o|'|clock|!|\n\n| Now")]
    [InlineData("gpt4", "I'LL go,  it's 12345 o'clock!\n\n Now", "I|'LL| go|,| | it|'s| |123|45| o|'clock|!\n\n| Now")]
    [InlineData("gpt2", "a\n  b \t ", "a|\n | b| \t ")]
    [InlineData("gpt4", "a\n  b \t ", "a|\n| | b| \t ")]
    [InlineData("gpt2", "'Sé e\u0301x", "'|Sé| e|\u0301|x")]
    [InlineData("gpt4", "'Sé e\u0301x", "'S|é| e|\u0301x")]
    public void Pieces_of_a_sentence(string name, string text, string pieces) =>
        Assert.Equal(
            pieces, string.Join('|', Pieces(SplitPattern.Named(name)!, Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString)));

    [Theory]
    [MemberData(nameof(Names))]
    public void Awkward_text_is_cut_as_the_regular_expression_cuts_it(string name)
    {
        SplitPattern pattern = SplitPattern.Named(name)!;
        int pieces = 0;
        for (uint number = 0; number < 20_000; number++)
        {
            byte[] text = AwkwardText.Make(number, mostParts: 14);
            int[] expected = ReferenceSplit.Lengths(pattern, text);
            Assert.True(
                expected.SequenceEqual(Pieces(pattern, text).Select(piece => piece.Length)),
                $"text {number}: {Encoding.UTF8.GetString(text)} {Convert.ToHexString(text)}");
            pieces += expected.Length;
        }

        Assert.True(pieces > 50_000, "there was something to cut");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_character_of_the_first_plane_counts_as_what_it_is(string name)
    {
        SplitPattern pattern = SplitPattern.Named(name)!;
        for (int code = 0; code <= 0xFFFF; code += code == 0xD7FF ? 0x801 : 1)
        {
            byte[] text = Encoding.UTF8.GetBytes($"{(char)code} {(char)code}a1{(char)code}'{(char)code}! {(char)code}{(char)code}\n.");
            Assert.True(
                ReferenceSplit.Lengths(pattern, text).SequenceEqual(Pieces(pattern, text).Select(piece => piece.Length)), $"U+{code:X4}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_text_may_be_cut_at_a_border(string name)
    {
        SplitPattern pattern = SplitPattern.Named(name)!;
        int borders = 0;
        for (uint number = 0; number < 5_000; number++)
        {
            byte[] text = AwkwardText.Make(number, mostParts: 20);
            int border = TextBorder.Last(text);
            IEnumerable<byte[]> parts = Pieces(pattern, text.AsSpan(0, border)).Concat(Pieces(pattern, text.AsSpan(border)));
            Assert.Equal(Pieces(pattern, text).Select(Convert.ToHexString), parts.Select(Convert.ToHexString));
            borders += border > 0 ? 1 : 0;
        }

        Assert.True(borders > 2_000, $"{borders} texts had a border");
    }

    [Fact]
    public void A_border_is_never_found_in_half_a_character()
    {
        byte[] text = Encoding.UTF8.GetBytes("aé中𝒜é中𝒜é中𝒜");
        Assert.All(Enumerable.Range(0, text.Length + 1), length => Assert.Equal(0, TextBorder.Last(text.AsSpan(0, length))));
        Assert.Equal(2, TextBorder.Last("ab, 中中中"u8));
    }

    [Theory]
    [InlineData("gpt2", "a", 1)]
    [InlineData("gpt2", " ", 1)]
    [InlineData("gpt4", "\n", 1)]
    [InlineData("gpt4", "𝒜", 1)]
    [InlineData("gpt4", "-", 1)]
    [InlineData("gpt4", "7", 333_334)]
    [InlineData("gpt2", " x", 1_000_000)]
    [InlineData("gpt4", "\t \n ", 2)]
    public void A_million_of_the_same_is_cut(string name, string part, int pieces)
    {
        byte[] text = Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, part, 1_000_000).ToString());
        Assert.Equal(pieces, Pieces(SplitPattern.Named(name)!, text).Count);
    }

    [Fact]
    public void Patterns_are_found_by_name_and_by_expression()
    {
        Assert.All(SplitPattern.All, pattern =>
        {
            Assert.Same(pattern, SplitPattern.Named(pattern.Name));
            Assert.Same(pattern, SplitPattern.WithRegex(pattern.Regex));
        });
        Assert.Null(SplitPattern.Named("gpt3"));
        Assert.Null(SplitPattern.WithRegex(@"\w+"));
        Assert.Throws<ArgumentException>(() => SplitPattern.Gpt2.NextPiece([]));
    }

    private static List<byte[]> Pieces(SplitPattern pattern, ReadOnlySpan<byte> text)
    {
        var pieces = new List<byte[]>();
        while (!text.IsEmpty)
        {
            int length = pattern.NextPiece(text);
            pieces.Add(text[..length].ToArray());
            text = text[length..];
        }

        return pieces;
    }
}
