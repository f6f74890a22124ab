namespace Habla.Extraction;

/// <summary>What a file is by its first bytes.</summary>
internal static class Signatures
{
    /// <summary>The kind that the bytes give away; null when they give away none. Of a zip archive only that it is one.</summary>
    /// <param name="head">The beginning of the file; 1 KiB is enough.</param>
    public static string? Find(ReadOnlySpan<byte> head)
    {
        return head switch
        {
            _ when head.StartsWith("%PDF-"u8) => Kinds.Pdf,
            _ when IsImage(head) => Kinds.Image,
            [0x1f, 0x8b, 0x08, ..] => Kinds.Gzip,
            [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => Kinds.Zip,
            _ when head.Length >= 512 && head[257..].StartsWith("ustar"u8) => Kinds.Tar,
            _ when IsPdfBehindOtherBytes(head) => Kinds.Pdf,
            _ => null,
        };
    }

    /// <summary>What a file is that no extractor reads, as people call it; null when that cannot be told.</summary>
    public static string? Foreign(ReadOnlySpan<byte> head) => head switch
    {
        [0x7f, (byte)'E', (byte)'L', (byte)'F', ..] => "a program",
        [(byte)'M', (byte)'Z', _, 0, ..] => "a Windows program",
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..]
            => "a file of an old Office (.doc, .xls, .ppt); save it as .docx, .xlsx or .pptx",
        _ when head.StartsWith("{\\rtf"u8) => "Rich Text; save it as .docx or .txt",
        _ when head.StartsWith("%!PS"u8) => "PostScript; make a PDF of it with ps2pdf",
        _ when head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8) => "a film or a sound",
        _ when head.StartsWith("OTTO"u8) || head.StartsWith("wOFF"u8) || head.StartsWith("wOF2"u8) => "a font",
        [0, 1, 0, 0, 0, ..] => "a font",
        _ when head.StartsWith("ID3"u8) || head.StartsWith("OggS"u8) || head.StartsWith("fLaC"u8) => "a sound",
        _ when head.StartsWith("SQLite format 3"u8) => "a database",
        _ when head.StartsWith("BZh"u8) || head.StartsWith("Rar!"u8) => "an archive; unpack it first",
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] or [(byte)'7', (byte)'z', 0xbc, 0xaf, ..] or [0x28, 0xb5, 0x2f, 0xfd, ..]
            => "an archive; unpack it first",
        _ => null,
    };

    /// <summary>Whether this is the container in which Office keeps a document with a password.</summary>
    public static bool IsEncryptedOffice(ReadOnlySpan<byte> bytes) =>
        bytes is [0xd0, 0xcf, 0x11, 0xe0, ..] && bytes.IndexOf("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8) >= 0;

    /// <summary>
    /// A PDF file may have up to 1 KiB before its header; a text that speaks of one is none, and neither is what holds one.
    /// </summary>
    private static bool IsPdfBehindOtherBytes(ReadOnlySpan<byte> head) =>
        head[..Math.Min(head.Length, 1024)].IndexOf("%PDF-"u8) is > 0 and int at
        && Foreign(head) is null && !TextDecoder.LooksLikeText(head[..at]);

    private static bool IsImage(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => true,
        [0xff, 0xd8, 0xff, ..] => true,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => true,

        // "BM" alone may begin a text: four reserved bytes are zero, and so is most of where the pixels begin.
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, _, _, 0, 0, ..] => true,
        [(byte)'I', (byte)'I', 0x2a, 0, ..] or [(byte)'M', (byte)'M', 0, 0x2a, ..] => true,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => true,
        _ => false,
    };
}
