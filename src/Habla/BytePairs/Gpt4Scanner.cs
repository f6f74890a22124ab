namespace Habla.BytePairs;

/// <summary>The pieces of <see cref="SplitPattern.Gpt4"/>, its alternatives in their order.</summary>
internal static class Gpt4Scanner
{
    private const int MostDigits = 3;

    public static int NextPiece(ReadOnlySpan<byte> text)
    {
        // (?i:'s|'t|'re|'ve|'m|'ll|'d)
        if (text[0] == '\'' && Contraction(text) is var contraction and > 0)
        {
            return contraction;
        }

        // [^\r\n\p{L}\p{N}]?\p{L}+
        CharacterClass first = CharacterClasses.At(text, 0, out int length);
        if (first == CharacterClass.Letter || (first is CharacterClass.Other or CharacterClass.Space && IsLetter(text, length)))
        {
            return CharacterClasses.EndOfRun(text, length, CharacterClass.Letter);
        }

        if (first == CharacterClass.Number)
        {
            return Digits(text, length);
        }

        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        int start = text[0] == ' ' ? 1 : 0;
        int marks = CharacterClasses.EndOfRun(text, start, CharacterClass.Other);
        return marks > start
            ? CharacterClasses.EndOfRun(text, marks, CharacterClass.LineEnd)
            : WhiteSpace.Piece(text, linesApart: true);
    }

    private static bool IsLetter(ReadOnlySpan<byte> text, int at) =>
        at < text.Length && CharacterClasses.At(text, at, out _) == CharacterClass.Letter;

    /// <summary><c>\p{N}{1,3}</c></summary>
    private static int Digits(ReadOnlySpan<byte> text, int end)
    {
        for (int count = 1; count < MostDigits && end < text.Length; count++)
        {
            if (CharacterClasses.At(text, end, out int length) != CharacterClass.Number)
            {
                break;
            }

            end += length;
        }

        return end;
    }

    /// <summary>With bit 5 set, a letter of ASCII is small, and no other byte becomes one of those asked for.</summary>
    private static int Contraction(ReadOnlySpan<byte> text)
    {
        int first = text.Length > 1 ? text[1] | 0x20 : 0, second = text.Length > 2 ? text[2] | 0x20 : 0;
        bool isLongS = text.Length > 2 && text[1] == 0xC5 && text[2] == 0xBF;
        return first switch
        {
            's' or 't' or 'm' or 'd' => 2,
            'r' or 'v' when second == 'e' => 3,
            'l' when second == 'l' => 3,
            _ => isLongS ? 3 : 0,
        };
    }
}
