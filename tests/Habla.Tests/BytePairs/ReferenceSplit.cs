using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

/// <summary>
/// The pieces by .NET's regular expressions. Those see UTF-16, so a character outside the first plane, and a byte that is no UTF-8,
/// is first replaced by one character of its class.
/// </summary>
internal static class ReferenceSplit
{
    // .NET does not know that a long s is an s when case is ignored.
    private static readonly Dictionary<SplitPattern, Regex> s_regexes = SplitPattern.All.ToDictionary(
        pattern => pattern,
        pattern => new Regex(
            pattern.Regex.Replace("(?i:'s", "(?i:'ſ|'s", StringComparison.Ordinal),
            RegexOptions.CultureInvariant | RegexOptions.Compiled));

    public static int[] Lengths(SplitPattern pattern, ReadOnlySpan<byte> text)
    {
        var (line, lengths) = (new StringBuilder(), new List<int>());
        while (!text.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done;
            lengths.Add(isValid ? length : 1);
            line.Append(!isValid ? '☃' : rune.IsBmp ? (char)rune.Value : Stand(Rune.GetUnicodeCategory(rune)));
            text = text[lengths[^1]..];
        }

        return
        [
            .. s_regexes[pattern].Matches(line.ToString())
                .Select(match => lengths.GetRange(match.Index, match.Length).Sum()),
        ];
    }

    private static char Stand(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => 'ж',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '٣',
        _ => '☃',
    };
}
