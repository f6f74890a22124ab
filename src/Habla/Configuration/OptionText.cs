namespace Habla.Configuration;

/// <summary>A value as somebody wrote it, before it is anything but text.</summary>
/// <param name="Text">The characters, without quotes.</param>
/// <param name="IsQuoted">Whether it stood in quotes, and so can only be text.</param>
internal readonly record struct OptionText(string Text, bool IsQuoted = false)
{
    /// <summary>Whether it is YAML's way to write "nothing".</summary>
    public bool IsNull => !IsQuoted && Text is "" or "null" or "~";

    /// <summary>The value as it was written, for messages: short, on one line.</summary>
    public override string ToString()
    {
        string line = Text.ReplaceLineEndings(" ");
        line = line.Length > 60 ? line[..57] + "..." : line;
        return IsQuoted ? $"'{line}'" : line.Length == 0 ? "nothing" : line;
    }
}
