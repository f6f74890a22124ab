using System.IO.Compression;

namespace Habla.Extraction;

/// <summary>
/// Unpacks what was packed, counting bytes as they come: what an archive says of its sizes may be a lie, and a few kilobytes of zeros
/// packed again and again become more than any disk holds.
/// </summary>
internal static class Unpacking
{
    /// <summary>Real text packs to a fifth, logs to a fiftieth; above this it is no text.</summary>
    private const int MostTimes = 250;

    /// <summary>Below this the ratio says nothing.</summary>
    private const int Harmless = 1 << 20;

    // In other programs than ours, whose configuration does not say so: without it, what breaks off is taken for something shorter.
    static Unpacking() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>Unpacks a stream.</summary>
    /// <param name="packed">Gives the unpacked bytes.</param>
    /// <param name="packedLength">How many bytes it is packed.</param>
    /// <param name="reading">Has the limit for the whole file.</param>
    /// <exception cref="SkipException">It becomes too large.</exception>
    public static byte[] ReadAll(Stream packed, long packedLength, FileReading reading)
    {
        var bytes = new MemoryStream();
        ReadAll(packed, packedLength, reading, bytes.Write);
        return bytes.ToArray();
    }

    /// <summary>Makes sure that no member of an archive that a library is to open becomes too large.</summary>
    /// <param name="archive">The archive, open.</param>
    /// <param name="reading">Has the limit for the whole file.</param>
    /// <exception cref="SkipException">One does.</exception>
    public static void RequireHarmless(Stream archive, FileReading reading)
    {
        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream packed = entry.Open();
            ReadAll(packed, entry.CompressedLength, reading, (_, _, _) => { });
        }

        archive.Position = 0;
    }

    private static void ReadAll(Stream packed, long packedLength, FileReading reading, Action<byte[], int, int> take)
    {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int count; (count = packed.Read(buffer)) > 0;)
        {
            reading.CountUnpacked(count);
            total += count;
            if (total > Harmless && total > packedLength * MostTimes)
            {
                throw new SkipException(SkipReason.TooLarge, $"it unpacks to more than {MostTimes} times its size");
            }

            take(buffer, 0, count);
        }
    }
}
