namespace Habla.Ingestion;

/// <summary>Cuts a text into overlapping pieces of five words, or of five characters where it has too few words for that.</summary>
/// <remarks>
/// Four empty words stand before and after the text, so that a word at an end is in five pieces like any other: otherwise short texts
/// that differ in their last word only would be as good as the same.
/// A word is a run of letters and digits, in lower case; what stands between words does not count. An ideograph or a kana is a word of its
/// own, since no space is written between them.
/// </remarks>
internal static class Shingles
{
    /// <summary>A piece's length, in words or characters.</summary>
    public const int Length = 5;

    /// <summary>A text with fewer words is cut by characters.</summary>
    public const int FewestWords = 10;

    private const ulong Offset = 0xcbf29ce484222325, Prime = 0x100000001b3;

    /// <summary>Takes the pieces one by one, each as a number that stands for it.</summary>
    internal interface ITaker
    {
        /// <summary>Takes a piece.</summary>
        void Take(uint piece);

        /// <summary>Forgets all pieces so far.</summary>
        void Restart();
    }

    /// <summary>Cuts a text.</summary>
    public static void Cut<TTaker>(ReadOnlySpan<char> text, ref TTaker taker)
        where TTaker : ITaker
    {
        if (CutWords(text, ref taker) < FewestWords)
        {
            taker.Restart();
            CutCharacters(text, ref taker);
        }
    }

    private static int CutWords<TTaker>(ReadOnlySpan<char> text, ref TTaker taker)
        where TTaker : ITaker
    {
        Span<ulong> last = stackalloc ulong[Length];
        int words = 0;
        ulong word = Offset;
        bool inside = false;
        foreach (char c in text)
        {
            if (!IsInWord(c))
            {
                if (inside)
                {
                    Add(last, ref words, word, ref taker);
                    inside = false;
                }

                continue;
            }

            if (!inside || StandsAlone(c))
            {
                if (inside)
                {
                    Add(last, ref words, word, ref taker);
                }

                word = Offset;
            }

            word = (word ^ Lower(c)) * Prime;
            inside = true;
        }

        if (inside)
        {
            Add(last, ref words, word, ref taker);
        }

        End(last, ref taker);
        return words;
    }

    private static void CutCharacters<TTaker>(ReadOnlySpan<char> text, ref TTaker taker)
        where TTaker : ITaker
    {
        Span<ulong> last = stackalloc ulong[Length];
        int count = 0;
        bool space = true; // none at the beginning
        foreach (char c in text)
        {
            bool isSpace = char.IsWhiteSpace(c);
            if (!isSpace || !space)
            {
                Add(last, ref count, isSpace ? ' ' : Lower(c) + Offset, ref taker);
            }

            space = isSpace;
        }

        End(last, ref taker);
    }

    private static void End<TTaker>(Span<ulong> last, ref TTaker taker)
        where TTaker : ITaker
    {
        int none = 0;
        for (int i = 1; i < Length; i++)
        {
            Add(last, ref none, 0, ref taker);
        }
    }

    private static void Add<TTaker>(Span<ulong> last, ref int count, ulong next, ref TTaker taker)
        where TTaker : ITaker
    {
        last[1..].CopyTo(last);
        last[^1] = next;
        count++;
        taker.Take(Mixed(last));
    }

    private static uint Mixed(ReadOnlySpan<ulong> pieces)
    {
        ulong hash = Offset;
        foreach (ulong piece in pieces)
        {
            hash = (hash ^ piece) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        hash *= 0xBF58476D1CE4E5B9;
        return (uint)(hash >> 32);
    }

    private static bool IsInWord(char c) =>
        char.IsAsciiLetterOrDigit(c) || (c > '\x7f' && (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || IsMark(c)));

    private static bool IsMark(char c) => char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static bool StandsAlone(char c) => c is (>= '\u3040' and <= '\u30ff') or (>= '\u3400' and <= '\u9fff');

    private static char Lower(char c) => c < '\x80' ? (char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c) : char.ToLowerInvariant(c);
}
