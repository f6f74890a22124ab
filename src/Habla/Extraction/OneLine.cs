namespace Habla.Extraction;

/// <summary>Messages of programs and libraries, as one line that a report can hold.</summary>
internal static class OneLine
{
    private const int Longest = 200;

    /// <summary>An error's message.</summary>
    public static string Of(Exception error) => Of(error.Message);

    /// <summary>A text without line ends and control characters, cut to a readable length.</summary>
    public static string Of(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Select(letter => char.IsControl(letter) ? '?' : letter)).TrimEnd('.');
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }
}
