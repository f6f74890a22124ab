using System.Formats.Tar;

namespace Habla.Ingestion;

/// <summary>Tells a file from a pipe, a socket or a device without opening it: opening a pipe waits for whoever writes to it.</summary>
/// <remarks>.NET says so nowhere but when it packs one, which asks the system for the entry's type first.</remarks>
internal static class SpecialFile
{
    /// <summary>Whether an entry of no length is something else than a file.</summary>
    /// <param name="path">An entry of no length that is neither a folder nor a link.</param>
    public static bool Is(string path)
    {
        using var packed = new MemoryStream();
        try
        {
            using (var tar = new TarWriter(packed, TarEntryFormat.Ustar, leaveOpen: true))
            {
                tar.WriteEntry(path, "entry");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return File.Exists(path) && error is IOException and not FileNotFoundException; // a socket cannot be packed
        }

        packed.Position = 0;
        using var reader = new TarReader(packed);
        return reader.GetNextEntry() is { EntryType: not TarEntryType.RegularFile };
    }
}
