using System.Text;

namespace Habla.Data;

/// <summary>Reads text files whole and strictly: UTF-8 or an error, never a replacement character.</summary>
public static class TextFile
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a text file.</summary>
    /// <param name="path">The file; a byte-order mark at its start is passed over, every other character stays.</param>
    /// <exception cref="InvalidInputException">The file is missing, unreadable, empty, or not UTF-8.</exception>
    public static string Read(string path)
    {
        RefuseFolder(path);
        try
        {
            string text = _strict.GetString(File.ReadAllBytes(path));
            text = text.StartsWith('\uFEFF') ? text[1..] : text;
            return text.Length > 0 ? text : throw new InvalidInputException($"{path}: the file is empty; expected text.");
        }
        catch (DecoderFallbackException error)
        {
            throw NotUtf8(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"cannot read {path}: {error.Message} Check the path (habla corpus build makes the verb corpus under runs/corpus).", error);
        }
    }

    /// <summary>Opens a text to be read as bytes: those that are not UTF-8 are refused as they are come upon.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file is a folder, missing or unreadable, or, while it is read, not UTF-8.</exception>
    internal static Stream OpenBytes(string path)
    {
        RefuseFolder(path);
        try
        {
            return new Utf8Stream(File.OpenRead(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"cannot read {path}: {error.Message} Check the path.", error);
        }
    }

    /// <summary>What is said of a file in another encoding.</summary>
    internal static InvalidInputException NotUtf8(string path, Exception error) => new(
        $"{path}: not UTF-8 text; save it as UTF-8, or let habla ingest {path} --out DIR find out its encoding, and give DIR.", error);

    private static void RefuseFolder(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidInputException(
                $"{path}: a folder, of which habla ingest has made no documents; run habla ingest {path} --out DIR first, and give DIR.");
        }
    }

    /// <summary>A text's lines with their line ends, so that together they are the text again.</summary>
    /// <param name="text">Any text.</param>
    public static IReadOnlyList<string> LinesOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    /// <summary>
    /// Cuts a text in two; the last part is for validation. The cut is the text's, not its tokens', so that every tokenizer has the same
    /// text before and behind it.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="validationFraction">
    /// The share of the last part: at least 0, below 1. The first part has floor(N · (1 − share)) UTF-16 units, one less where that would
    /// cut a character.
    /// </param>
    public static (string Train, string Validation) Split(string text, double validationFraction)
    {
        ArgumentNullException.ThrowIfNull(text);
        int cut = (int)(text.Length * (1 - validationFraction));
        cut -= cut > 0 && cut < text.Length && char.IsLowSurrogate(text[cut]) ? 1 : 0;
        return (text[..cut], text[cut..]);
    }
}
