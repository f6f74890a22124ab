using System.Globalization;
using System.Text;

namespace Habla.BytePairs;

/// <summary>What a split pattern tells apart. White space stands last, so that "is white space" is one comparison.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither letter, number nor white space; a byte that is no valid UTF-8 counts as one of these.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c> but for line ends: Unicode's White_Space.</summary>
    Space,

    /// <summary>Carriage return or line feed.</summary>
    LineEnd,
}

/// <summary>Finds the class of a code point in UTF-8 bytes.</summary>
internal static class CharacterClasses
{
    private static readonly byte[] s_plane0 = Classify();

    /// <param name="text">The bytes.</param>
    /// <param name="at">Where the code point begins.</param>
    /// <param name="length">How many bytes it has; 1 for a byte that begins no valid code point.</param>
    public static CharacterClass At(ReadOnlySpan<byte> text, int at, out int length)
    {
        byte first = text[at];
        if (first < 0x80)
        {
            length = 1;
            return (CharacterClass)s_plane0[first];
        }

        if (Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) != System.Buffers.OperationStatus.Done)
        {
            length = 1;
            return CharacterClass.Other;
        }

        return rune.IsBmp ? (CharacterClass)s_plane0[rune.Value] : Of(Rune.GetUnicodeCategory(rune));
    }

    /// <summary>Where a run of code points of one class ends.</summary>
    public static int EndOfRun(ReadOnlySpan<byte> text, int at, CharacterClass of)
    {
        byte[] classes = s_plane0;
        while (at < text.Length)
        {
            byte first = text[at];
            int length = 1;
            if ((first < 0x80 ? (CharacterClass)classes[first] : At(text, at, out length)) != of)
            {
                break;
            }

            at += length;
        }

        return at;
    }

    private static byte[] Classify()
    {
        byte[] classes = new byte[0x10000];
        for (int code = 0; code < classes.Length; code++)
        {
            classes[code] = (byte)(code switch
            {
                '\r' or '\n' => CharacterClass.LineEnd,
                _ when char.IsWhiteSpace((char)code) => CharacterClass.Space,
                _ => Of(CharUnicodeInfo.GetUnicodeCategory(code)),
            });
        }

        return classes;
    }

    private static CharacterClass Of(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.Other,
    };
}
