using System.Text;

namespace Habla.Cli.Shell;

/// <summary>Texts in options that have to be able to hold a line end.</summary>
internal static class EscapedText
{
    /// <summary>\n, \r, \t and \\ become what they stand for; every other backslash stays one.</summary>
    public static string Read(string text)
    {
        var read = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char? escaped = text[i] != '\\' || i + 1 == text.Length ? null
                : text[i + 1] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', '\\' => '\\', _ => null };
            read.Append(escaped ?? text[i]);
            i += escaped is null ? 0 : 1;
        }

        return read.ToString();
    }
}
