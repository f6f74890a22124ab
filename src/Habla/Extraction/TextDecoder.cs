using System.Text;
using System.Text.Unicode;

namespace Habla.Extraction;

/// <summary>A text as it was decoded.</summary>
/// <param name="Text">The text without a byte order mark; line ends are "\n".</param>
/// <param name="IsFallback">Whether it is neither UTF-8 nor UTF-16, and was read as Latin-1 the way Windows writes it.</param>
internal readonly record struct DecodedText(string Text, bool IsFallback);

/// <summary>
/// Bytes to text: UTF-8, UTF-16 and UTF-32 with a byte order mark or without one, and else Latin-1, which any bytes are. As in browsers
/// that is windows-1252, which has quotes, dashes and the euro where Latin-1 has control characters that nobody uses.
/// </summary>
/// <remarks>WHATWG, Encoding Standard, "windows-1252".</remarks>
internal static class TextDecoder
{
    private static readonly Encoding s_utf16 = new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly Encoding s_utf16Big = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
    // What windows-1252 has at 0x80 to 0x9F.
    private const string Windows1252 =
        "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
        + "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    private static readonly Encoding s_utf32 = new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true);

    /// <summary>Decodes a whole text.</summary>
    /// <exception cref="SkipException">It begins as UTF-16 or UTF-32 and is not.</exception>
    public static DecodedText Decode(ReadOnlySpan<byte> bytes)
    {
        (Encoding? encoding, int mark) = Marked(bytes);
        encoding ??= Utf16ByZeros(bytes);
        if (encoding is null && Utf8.IsValid(bytes))
        {
            encoding = Encoding.UTF8;
        }

        try
        {
            return encoding is null
                ? new DecodedText(UnixLines(Latin1(bytes[mark..])), IsFallback: true)
                : new DecodedText(UnixLines(encoding.GetString(bytes[mark..])), IsFallback: false);
        }
        catch (DecoderFallbackException)
        {
            throw new SkipException(SkipReason.Broken, $"it begins as {encoding!.WebName}, and not all of it is");
        }
    }

    /// <summary>The beginning of a text, which may be cut off within a character.</summary>
    public static string DecodeStart(ReadOnlySpan<byte> bytes)
    {
        (Encoding? encoding, int mark) = Marked(bytes);
        encoding ??= Utf16ByZeros(bytes) ?? Encoding.UTF8;
        return UnixLines(Lenient(encoding).GetString(bytes[mark..]));
    }

    /// <summary>Whether the bytes are a text in some encoding, and no program, picture or compressed data.</summary>
    /// <param name="bytes">All of the file or the beginning of it.</param>
    public static bool LooksLikeText(ReadOnlySpan<byte> bytes)
    {
        if (Marked(bytes).Encoding is not null || Utf16ByZeros(bytes) is not null)
        {
            return true;
        }

        int odd = 0;
        foreach (byte one in bytes)
        {
            odd += one < 0x20 && !IsLayout(one) ? 1 : 0;
        }

        // Of compressed data every tenth byte is such a control character. A log may hold a few, and a zero where a disk was full.
        return bytes.Count((byte)0) <= bytes.Length / 1000 && odd <= bytes.Length / 20;
    }

    /// <summary>Ends lines with "\n" alone.</summary>
    public static string UnixLines(string text) =>
        text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;

    private static string Latin1(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = bytes[i] is >= 0x80 and <= 0x9f ? Windows1252[bytes[i] - 0x80] : (char)bytes[i];
        }

        return new string(text);
    }

    /// <summary>Backspace, tab, line feed, vertical tab, form feed, carriage return and the escape of a terminal's colours.</summary>
    private static bool IsLayout(byte one) => one is (>= 0x08 and <= 0x0d) or 0x1b;

    private static Encoding Lenient(Encoding encoding) => Encoding.GetEncoding(encoding.CodePage);

    private static (Encoding? Encoding, int MarkBytes) Marked(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xef, 0xbb, 0xbf, ..] => Utf8.IsValid(bytes) ? (Encoding.UTF8, 3) : (null, 3),
        [0xff, 0xfe, 0, 0, ..] when bytes.Length % 4 == 0 => (s_utf32, 4),
        [0xff, 0xfe, ..] => (s_utf16, 2),
        [0xfe, 0xff, ..] => (s_utf16Big, 2),
        _ => (null, 0),
    };

    /// <summary>
    /// UTF-16 without a mark: of European text nearly every other byte is zero, on one side only. Text of other scripts has its spaces
    /// and line ends alone as a sign, too few to be told from data.
    /// </summary>
    private static Encoding? Utf16ByZeros(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> sample = bytes[..Math.Min(bytes.Length, 4096)];
        int even = 0, odd = 0;
        for (int i = 0; i + 1 < sample.Length; i += 2)
        {
            even += sample[i] == 0 ? 1 : 0;
            odd += sample[i + 1] == 0 ? 1 : 0;
        }

        int units = sample.Length / 2;
        Encoding? encoding = units < 2 ? null
            : odd >= units * 0.7 && even <= units / 50 ? s_utf16
            : even >= units * 0.7 && odd <= units / 50 ? s_utf16Big
            : null;
        return encoding is not null && HasFewControls(Lenient(encoding).GetString(sample[..(units * 2)])) ? encoding : null;
    }

    /// <summary>Tells text from a table of small numbers.</summary>
    private static bool HasFewControls(string text) =>
        text.Count(letter => (letter < 0x20 && !IsLayout((byte)letter)) || letter == '\ufffd') <= text.Length / 20;
}
