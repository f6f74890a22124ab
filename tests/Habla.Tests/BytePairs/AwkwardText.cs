using System.Text;
using Habla.Tensors;

namespace Habla.Tests.BytePairs;

/// <summary>Texts made of what tends to be cut wrongly, the same ones every time.</summary>
internal static class AwkwardText
{
    private static readonly byte[][] s_parts =
    [
        .. new[]
        {
            "a", "s", "S", "t", "re", "RE", "Ve", "ll", "lL", "m", "D", "word", "'", "'", "’",
            " ", " ", " ", "  ", "\t", "\n", "\n", "\r", "\r\n",
            "\u000B", "\u0085", "\u00A0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202F",
            "\u3000", "\u200B", "\u200D", "\uFEFF",
            "\u180E",
            "1", "23", "4567", "\u0663", "\u00B2", "\u2167", "\u00BD", "!", "?!", "-", "_", "\u20AC", "e\u0301", "\u0301",
            "ñ", "\u017F", "\u212A", "\u0130", "ǅ", "ʰ", "中文", "ひ", "مرحبا", "שלום", "हिन्दी",
            "한국", "ไทย", "\0", "\u001B", "\u007F", "\uFFFD",
            "😀", "👩‍👩‍👧", "🇪🇸", "👍🏽", "𝒜", "𐐷", "𠀋", "𝟙𝟚𝟛𝟜", "𐄇", "\U000E0041", "\uE000", "\U0010FFFF",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xBF, 0xBF],
    ];

    /// <summary>Up to so many parts in a row.</summary>
    public static byte[] Make(uint number, int mostParts)
    {
        var random = new SeededRandom(seed: 11, RandomPurpose.Corpus, number);
        int count = random.Below(0, mostParts + 1);
        return [.. Enumerable.Range(1, count).SelectMany(i => s_parts[random.Below((ulong)i, s_parts.Length)])];
    }

    /// <summary>Random bytes below a bound: with a small one, tokens overlap in every way.</summary>
    public static byte[] Bytes(uint number, int length, int from, int kinds)
    {
        var random = new SeededRandom(seed: 12, RandomPurpose.Corpus, number);
        return [.. Enumerable.Range(0, length).Select(i => (byte)(from + random.Below((ulong)i, kinds)))];
    }
}
