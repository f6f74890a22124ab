using System.Text;
using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

public class ByteVocabularyTests
{
    private static readonly byte[]?[] s_bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    [Fact]
    public void Tokens_are_found_by_id_and_by_bytes()
    {
        var vocabulary = new ByteVocabulary([null, .. s_bytes, "th"u8.ToArray()], [new(1 + 't', 1 + 'h', 257)]);
        Assert.Equal(258, vocabulary.Size);
        Assert.Equal("th"u8, vocabulary.Bytes(257));
        Assert.True(vocabulary.TryGetId("th"u8, out int id));
        Assert.Equal(257, id);
        Assert.False(vocabulary.TryGetId("ht"u8, out _));
        Assert.Equal(1 + 'h', vocabulary.ByteId((byte)'h'));
        Assert.True(vocabulary.IsSpecial(0));
        Assert.True(vocabulary.Bytes(0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary.Bytes(258).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary.IsSpecial(-1));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Refused("no token stands for the byte 0xFF", s_bytes[..255]);
        Refused("the tokens 97 (\"a\") and 256 (\"a\") have the same bytes", [.. s_bytes, "a"u8.ToArray()]);
        Refused("the token 256 has no bytes", [.. s_bytes, []]);
        Refused("the merge 0 names the id 256", s_bytes, new ByteMerge('a', 'b', 256));
        Refused("the merge 0 names the id -1", s_bytes, new ByteMerge(-1, 'b', 'c'));
        Refused("the merge 0 names the id 256", [.. s_bytes, null], new ByteMerge(256, 'b', 'c'));
        byte[]?[] more = [.. s_bytes, " b"u8.ToArray()];
        Refused("the merge 0 joins 97 (\"a\") and 98 (\"b\") to 256 (\"Ġb\"), whose bytes are others", more, new ByteMerge('a', 'b', 256));
        Refused("the merges 0 and 1 join the same two, 32 (\"Ġ\") and 98", more, new(' ', 'b', 256), new(' ', 'b', 256));
    }

    [Fact]
    public void Bytes_are_written_as_GPT2_writes_them()
    {
        Assert.Equal("Ġhelloĉ", ByteAlphabet.Write(" hello\t"u8));
        Assert.Equal("Ċ", ByteAlphabet.Write("\n"u8));
        Assert.Equal("ĠÃ±", ByteAlphabet.Write(Encoding.UTF8.GetBytes(" ñ")));
        Assert.Equal(('Ā', 'ġ', 'ł', 'Ń'), (At(0), At(0x7F), At(0xA0), At(0xAD)));
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        Assert.True(ByteAlphabet.TryRead(ByteAlphabet.Write(all), out byte[] back));
        Assert.Equal(all, back);
        Assert.False(ByteAlphabet.TryRead("a b", out byte[] none));
        Assert.Empty(none);

        // GPT-2's ids: "!" is 0, "a" 64, "Ċ" 198, "Ġ" 220.
        int[] ids = [.. "!a\n "u8.ToArray().Select(value => ByteAlphabet.Gpt2Order.ToList().IndexOf(value))];
        Assert.Equal([0, 64, 198, 220], ids);
        Assert.Equal(256, ByteAlphabet.Gpt2Order.Distinct().Count());

        static char At(byte value) => ByteAlphabet.Character(value);
    }

    private static void Refused(string reason, byte[]?[] tokens, params ByteMerge[] merges) =>
        Assert.Contains(
            reason, Assert.Throws<ArgumentException>(() => new ByteVocabulary(tokens, merges)).Message, StringComparison.Ordinal);
}
