using System.Text;
using Habla.Storage;

namespace Habla.Corpus;

/// <summary>The normal form of corpus text, the letters it may use, and the fingerprint by which rows are told apart.</summary>
public static class CorpusText
{
    /// <summary>Every character a row's text or Spanish may hold: lower-case letters, the accents of Spanish, the space, "I".</summary>
    public const string Alphabet = "abcdefghijklmnopqrstuvwxyzáéíóúñ I";

    private const string Composed = "áéíóúñüÁÉÍÓÚÑÜ";

    /// <summary>The SHA-256 that two rows share exactly when they say the same in both languages.</summary>
    /// <param name="text">The English.</param>
    /// <param name="spanish">The Spanish.</param>
    /// <returns>64 hexadecimal digits: the hash of both normal forms (UTF-8) with a line feed between them.</returns>
    public static string Fingerprint(string text, string spanish) =>
        ContentHash.OfText(Normalize(text) + "\n" + Normalize(spanish));

    /// <summary>Composed accents (NFC), no space at either end, lower case except for the word "I".</summary>
    /// <param name="text">Any text.</param>
    public static string Normalize(string text)
    {
        string composed = Compose(text).Trim();
        var normal = new StringBuilder(composed.Length);
        for (int i = 0; i < composed.Length; i++)
        {
            bool isI = composed[i] == 'I'
                && (i == 0 || !char.IsLetter(composed[i - 1]))
                && (i + 1 == composed.Length || !char.IsLetter(composed[i + 1]));
            normal.Append(isI ? 'I' : char.ToLowerInvariant(composed[i]));
        }

        return normal.ToString();
    }

    /// <summary>Joins letters and combining accents (NFC) for the letters of Spanish; any other mark stays as it is.</summary>
    /// <remarks>
    /// Without a culture library (InvariantGlobalization) .NET's own Normalize returns its input unchanged, and the bytes must
    /// not depend on whether the machine has one. Marks that this leaves apart are refused by the check of allowed characters.
    /// </remarks>
    /// <param name="text">Any text.</param>
    public static string Compose(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var composed = new StringBuilder(text.Length);
        foreach (char next in text)
        {
            char joined = composed.Length > 0 ? Join(composed[^1], next) : '\0';
            if (joined == '\0')
            {
                composed.Append(next);
            }
            else
            {
                composed[^1] = joined;
            }
        }

        return composed.ToString();
    }

    private static char Join(char letter, char mark)
    {
        int at = mark switch
        {
            '\u0301' => "aeiou##AEIOU##".IndexOf(letter, StringComparison.Ordinal),
            '\u0303' => "#####n######N#".IndexOf(letter, StringComparison.Ordinal),
            '\u0308' => "######u######U".IndexOf(letter, StringComparison.Ordinal),
            _ => -1,
        };
        return at < 0 || letter == '#' ? '\0' : Composed[at];
    }
}
