using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;

namespace Habla.Extraction;

/// <summary>Books: the chapters in the order in which they are read, each a part, and after them the pages that no order names.</summary>
internal sealed class EpubReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        using var archive = new ZipArchive(source.OpenRead(), ZipArchiveMode.Read);
        RequireNoLock(archive, reading);
        string package = Load(archive, "META-INF/container.xml", reading).Descendants()
            .FirstOrDefault(element => element.Name.LocalName == "rootfile")?.Attribute("full-path")?.Value
            ?? throw new SkipException(SkipReason.Broken, "the book does not say where its chapters are");
        XDocument book = Load(archive, package, reading);
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (XElement item in book.Descendants().Where(element => element.Name.LocalName == "item"))
        {
            if (item.Attribute("id") is { } id && item.Attribute("href") is { } href)
            {
                items[id.Value] = Resolve(package, href.Value);
            }
        }

        int number = 0;
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement reference in book.Descendants().Where(element => element.Name.LocalName == "itemref"))
        {
            string? path = items.GetValueOrDefault(reference.Attribute("idref")?.Value ?? "");
            read.Add(path ?? "");
            ReadChapter(archive, path, FormattableString.Invariant($"chapter {++number}"), kind, part, reading);
        }

        string[] others =
        [
            .. book.Descendants().Where(element => element.Name.LocalName == "item"
                && element.Attribute("media-type")?.Value is "application/xhtml+xml" or "text/html")
                .Select(item => item.Attribute("href")?.Value is { } href ? Resolve(package, href) : null).OfType<string>()
                .Distinct().Where(path => !read.Contains(path)),
        ];
        foreach (string path in others)
        {
            // Notes, pictures with their captions, what a link alone leads to.
            ReadChapter(archive, path, $"page {OneLine.Of(path)}", kind, part, reading);
        }

        if (number + others.Length == 0)
        {
            throw new SkipException(SkipReason.Empty, "the book has no chapters");
        }
    }

    private static void ReadChapter(ZipArchive archive, string? path, string chapter, string kind, string? part, FileReading reading)
    {
        string name = PartName.Within(part, chapter);
        reading.Begin(name);
        try
        {
            string page = reading.Decode(Unpack(archive,
                path ?? throw new SkipException(SkipReason.Broken, "the book does not list it"), reading));
            reading.Add(HtmlText.Of(page, reading.Options.MaxBytes, reading.Stop), kind, name, HtmlText.Library);
        }
        catch (SkipException skip) when (!skip.EndsFile)
        {
            reading.Skip(kind, name, skip);
        }
        catch (InvalidDataException error)
        {
            reading.Skip(kind, name, SkipReason.Broken, OneLine.Of(error));
        }
    }

    /// <summary>Fonts may be scrambled without a key; anything else that is, is locked.</summary>
    private static void RequireNoLock(ZipArchive archive, FileReading reading)
    {
        if (archive.GetEntry("META-INF/encryption.xml") is null)
        {
            return;
        }

        IEnumerable<string?> methods = Load(archive, "META-INF/encryption.xml", reading).Descendants()
            .Where(element => element.Name.LocalName == "EncryptedData")
            .Select(data => data.Elements().FirstOrDefault(one => one.Name.LocalName == "EncryptionMethod")?.Attribute("Algorithm")?.Value);
        if (methods.Any(method => method is not "http://www.idpf.org/2008/embedding" and not "http://ns.adobe.com/pdf/enc#RC"))
        {
            throw new SkipException(SkipReason.Encrypted, "the book is locked");
        }
    }

    private static XDocument Load(ZipArchive archive, string path, FileReading reading)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };
            using var xml = XmlReader.Create(new MemoryStream(Unpack(archive, path, reading)), settings);
            return XDocument.Load(xml);
        }
        catch (XmlException error)
        {
            throw new SkipException(SkipReason.Broken, $"{OneLine.Of(path)} is broken: {OneLine.Of(error)}");
        }
    }

    private static byte[] Unpack(ZipArchive archive, string path, FileReading reading)
    {
        ZipArchiveEntry entry = archive.GetEntry(path) ?? throw new SkipException(SkipReason.Broken, $"it has no {OneLine.Of(path)}");
        using Stream packed = entry.Open();
        return Unpacking.ReadAll(packed, entry.CompressedLength, reading);
    }

    /// <summary>A reference is relative to the file it stands in; folders within the archive alone.</summary>
    private static string Resolve(string from, string reference)
    {
        string path = Uri.UnescapeDataString(reference.Split('#')[0]);
        var folders = new List<string>(path.StartsWith('/') ? [] : from.Split('/')[..^1]);
        foreach (string step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == ".." && folders.Count > 0)
            {
                folders.RemoveAt(folders.Count - 1);
            }
            else if (step is not ("." or ".."))
            {
                folders.Add(step);
            }
        }

        return string.Join('/', folders);
    }
}
