using System.Globalization;
using System.Text;

namespace Habla.Cli.Shell;

/// <summary>Text in which everything can be seen, and nothing in it gives orders to the terminal.</summary>
internal static class VisibleText
{
    /// <summary>Spaces and line ends as marks, other control and format characters as <c>\u{1B}</c>.</summary>
    public static string Of(string text) => Of(text, space: '␣');

    /// <summary>A name, whose spaces stay.</summary>
    public static string OfName(string name) => Of(name, space: ' ');

    private static string Of(string text, char space)
    {
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                ' ' => visible.Append(space),
                '\n' => visible.Append('↵'),
                '\r' => visible.Append('␍'),
                '\t' => visible.Append('⇥'),
                _ when IsHidden(rune) => visible.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}"),
                _ => visible.Append(rune.ToString()),
            };
        }

        return visible.ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
