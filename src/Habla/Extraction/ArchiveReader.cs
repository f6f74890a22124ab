using System.Formats.Tar;
using System.IO.Compression;

namespace Habla.Extraction;

/// <summary>
/// Gzip, zip and tar: each member is read by its own kind, archives within archives up to three deep. Nothing is written under a name
/// that an archive chose.
/// </summary>
internal sealed class ArchiveReader(FileReader members) : IKindReader
{
    private const int MostDepth = 3;
    private const int UnixTypeMask = 0xf000;
    private const int UnixLink = 0xa000;

    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        if (reading.Depth >= MostDepth && kind != Kinds.Tar)
        {
            throw new SkipException(SkipReason.TooLarge, $"it is an archive within {MostDepth} others, and no more are opened");
        }

        reading.Depth += kind == Kinds.Tar ? 0 : 1;
        try
        {
            using Stream stream = source.OpenRead();
            switch (kind)
            {
                case Kinds.Gzip:
                    ReadGzip(stream, source, part, reading);
                    break;
                case Kinds.Tar:
                    ReadTar(stream, part, reading);
                    break;
                default:
                    ReadZip(stream, part, reading);
                    break;
            }
        }
        finally
        {
            reading.Depth -= kind == Kinds.Tar ? 0 : 1;
        }
    }

    private void ReadGzip(Stream stream, SourceContent source, string? part, FileReading reading)
    {
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        byte[] bytes = Unpacking.ReadAll(unpacked, source.Length, reading);
        string outer = Path.GetFileName(source.Name);
        string name = outer.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? outer[..^4] + ".tar"
            : outer.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? outer[..^3]
            : outer;
        members.Read(SourceContent.OfMember(name, bytes), PartName.Member(part, name), reading);
    }

    private void ReadZip(Stream stream, string? part, FileReading reading)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName.EndsWith('/'))
            {
                continue;
            }

            ReadMember(entry.FullName, part, reading, () =>
            {
                if (entry.IsEncrypted)
                {
                    throw new SkipException(SkipReason.Encrypted, "it needs a password");
                }

                if (((entry.ExternalAttributes >> 16) & UnixTypeMask) == UnixLink)
                {
                    throw new SkipException(SkipReason.UnknownKind, "it is a link to another file");
                }

                using Stream packed = entry.Open();
                return Whole(Unpacking.ReadAll(packed, entry.CompressedLength, reading), entry.Length);
            });
        }
    }

    private void ReadTar(Stream stream, string? part, FileReading reading)
    {
        using var archive = new TarReader(stream);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.DirectoryList or TarEntryType.GlobalExtendedAttributes)
            {
                continue;
            }

            ReadMember(entry.Name, part, reading, () =>
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                {
                    throw new SkipException(SkipReason.UnknownKind, "it is a link or a device, and no file");
                }

                return Whole(entry.DataStream is { } data ? Unpacking.ReadAll(data, entry.Length, reading) : [], entry.Length);
            });
        }
    }

    /// <summary>Half of a member is no document.</summary>
    private static byte[] Whole(byte[] bytes, long length) => bytes.Length == length ? bytes : throw new SkipException(
        SkipReason.Broken, $"it has {bytes.Length} bytes, and the archive says {length}");

    /// <summary>A member that cannot be unpacked is one line; the next one may be whole.</summary>
    private void ReadMember(string name, string? part, FileReading reading, Func<byte[]> unpack)
    {
        string member = PartName.Member(part, name);
        reading.Begin(member);
        byte[] bytes;
        try
        {
            bytes = unpack();
        }
        catch (SkipException skip)
        {
            reading.Skip(KindDetector.Guess(name), member, skip);
            if (skip.EndsFile)
            {
                throw new EndOfReadingException();
            }

            return;
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            reading.Skip(KindDetector.Guess(name), member, SkipReason.Broken, OneLine.Of(error));
            return;
        }

        members.Read(SourceContent.OfMember(name, bytes), member, reading);
    }
}
