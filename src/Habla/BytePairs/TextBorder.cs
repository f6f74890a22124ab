namespace Habla.BytePairs;

/// <summary>
/// Places where a text may be cut without changing its pieces: between a letter or a number and a character of another class. Both
/// patterns end a piece there, and what stands behind does not change how they cut what stands before.
/// </summary>
internal static class TextBorder
{
    private const int LongestCharacter = 4;

    /// <summary>Where the last such place is; 0 when there is none.</summary>
    /// <param name="text">The beginning of a longer text; it may end within a character.</param>
    public static int Last(ReadOnlySpan<byte> text)
    {
        for (int at = text.Length - (2 * LongestCharacter); at >= 0; at--)
        {
            // A byte that continues a character begins none, and if it stands alone it is no letter.
            if ((text[at] & 0xC0) == 0x80)
            {
                continue;
            }

            CharacterClass kind = CharacterClasses.At(text, at, out int length);
            if (kind is CharacterClass.Letter or CharacterClass.Number && CharacterClasses.At(text, at + length, out _) != kind)
            {
                return at + length;
            }
        }

        return 0;
    }
}
