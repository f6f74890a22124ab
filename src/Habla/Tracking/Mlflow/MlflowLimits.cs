using System.Text;
using System.Text.Json;

namespace Habla.Tracking.Mlflow;

/// <summary>What MLflow's servers take, and names and values made to fit.</summary>
internal static class MlflowLimits
{
    /// <summary>Metrics in a batch.</summary>
    public const int MetricsPerBatch = 1000;

    /// <summary>Params in a batch.</summary>
    public const int ParamsPerBatch = 100;

    /// <summary>Tags in a batch.</summary>
    public const int TagsPerBatch = 100;

    /// <summary>Metrics, params and tags in a batch, together.</summary>
    public const int EntriesPerBatch = 1000;

    /// <summary>Bytes of a batch's body; servers take 1,000,000, and the rest is for the frame around the entries.</summary>
    public const int BytesPerBatch = 990_000;

    /// <summary>Characters of a key.</summary>
    public const int KeyLength = 250;

    /// <summary>Characters of a param's value.</summary>
    public const int ParamLength = 6000;

    /// <summary>Characters of a tag's value.</summary>
    public const int TagLength = 5000;

    /// <summary>Ends a value that was cut.</summary>
    public const string CutMark = "... (cut)";

    /// <summary>
    /// A name as a key: what is neither letter, digit, <c>_ - . /</c> nor space becomes <c>_</c>, and so does what a server would read
    /// as a way through folders (<c>..</c>, a leading, trailing or double slash).
    /// </summary>
    /// <param name="name">Any name.</param>
    public static string Key(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (Rune letter in name.EnumerateRunes())
        {
            key.Append(letter.IsAscii && IsKeyLetter((char)letter.Value) ? (char)letter.Value : '_');
        }

        key.Length = Math.Min(key.Length, KeyLength);
        string[] parts = [.. key.ToString().Split('/').Select(part => part is "" or "." or ".." ? "_" : part)];
        string whole = string.Join('/', parts);
        return whole.Length <= KeyLength ? whole : whole[..KeyLength].TrimEnd('/');
    }

    /// <summary>A text that is cut when it is too long, with <see cref="CutMark"/> at its end.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="length">The most characters it may have.</param>
    public static string Value(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        int end = length - CutMark.Length;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + CutMark;
    }

    /// <summary>Bytes that a text takes inside a JSON string.</summary>
    /// <param name="text">Any text.</param>
    public static int BytesOf(string text) => JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length;

    private static bool IsKeyLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/' or ' ';
}
