using System.IO.Compression;

namespace Habla.Extraction;

/// <summary>What a file is: by its content where that can be told, and else by its name.</summary>
internal static class KindDetector
{
    /// <summary>The kind of a file.</summary>
    /// <exception cref="SkipException">It is of no kind that is read, or not what its name says.</exception>
    public static string Detect(SourceContent source)
    {
        ReadOnlySpan<byte> head = source.Head;
        string? found = Signatures.Find(head), named = KindsByName.Find(source.Name);
        if (found is not null)
        {
            return found == Kinds.Zip ? InZip(source) : found;
        }

        if (Signatures.IsEncryptedOffice(head) || (head is [0xd0, 0xcf, 0x11, 0xe0, ..] && Signatures.IsEncryptedOffice(source.Bytes())))
        {
            throw new SkipException(SkipReason.Encrypted, "the document needs a password");
        }

        if (Signatures.Foreign(head) is { } foreign)
        {
            throw new SkipException(SkipReason.UnknownKind, $"it is {foreign}");
        }

        if (!TextDecoder.LooksLikeText(head))
        {
            throw named is null
                ? new SkipException(SkipReason.UnknownKind, "it is data of a kind that is not known")
                : new SkipException(SkipReason.Broken, $"its name says {named}, its content is something else");
        }

        return InText(head, named);
    }

    /// <summary>The kind as far as the first bytes tell, without opening an archive; unknown for what is not read.</summary>
    public static string AtFirstSight(SourceContent source)
    {
        string named = Guess(source.Name);
        if (Signatures.Find(source.Head) is { } found)
        {
            return found == Kinds.Zip && named is (Kinds.Docx or Kinds.Pptx or Kinds.Xlsx or Kinds.Epub) ? named : found;
        }

        return !TextDecoder.LooksLikeText(source.Head) || Signatures.Foreign(source.Head) is not null ? Kinds.Unknown
            : InText(source.Head, KindsByName.Find(source.Name));
    }

    /// <summary>The kind as far as it can be told when the content was not read to the end.</summary>
    public static string Guess(string name) => KindsByName.Find(name) ?? Kinds.Unknown;

    /// <summary>A page saved as .txt or .pdf is a page; source code that begins as one is code.</summary>
    private static string InText(ReadOnlySpan<byte> head, string? named)
    {
        if (named is not null and not Kinds.Text && !Kinds.IsBinary(named))
        {
            return named;
        }

        string start = TextDecoder.DecodeStart(head[..Math.Min(head.Length, 4096)]).TrimStart();
        if (start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
        {
            return Kinds.Html;
        }

        if (named == Kinds.Text)
        {
            return named;
        }

        return start.StartsWith("#!", StringComparison.Ordinal) || start.StartsWith("<?xml", StringComparison.Ordinal) ? Kinds.Code
            : LooksLikeJson(start) ? start.Split('\n') is [['{', .., '}'], ['{', ..], ..] ? Kinds.JsonLines : Kinds.Json
            : Kinds.Text;
    }

    private static bool LooksLikeJson(string start) => start is ['{' or '[', ..] && start[1..].TrimStart() is ['"', ..] or ['{', ..];

    /// <summary>Office documents and books are zip archives with certain members.</summary>
    private static string InZip(SourceContent source)
    {
        try
        {
            using var archive = new ZipArchive(source.OpenRead(), ZipArchiveMode.Read);
            return archive.GetEntry("META-INF/container.xml") is not null ? Kinds.Epub
                : archive.GetEntry("[Content_Types].xml") is null ? Kinds.Zip
                : Has(archive, "word/") ? Kinds.Docx
                : Has(archive, "ppt/") ? Kinds.Pptx
                : Has(archive, "xl/") ? Kinds.Xlsx
                : Kinds.Zip;
        }
        catch (InvalidDataException error)
        {
            throw new SkipException(SkipReason.Broken, $"the archive cannot be read: {OneLine.Of(error)}");
        }
    }

    private static bool Has(ZipArchive archive, string folder) =>
        archive.Entries.Any(entry => entry.FullName.StartsWith(folder, StringComparison.Ordinal));
}
