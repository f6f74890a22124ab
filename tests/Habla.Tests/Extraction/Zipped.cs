using System.IO.Compression;
using System.Text;

namespace Habla.Tests.Extraction;

/// <summary>Zip archives of a test.</summary>
internal static class Zipped
{
    public static void Write(string path, params (string Name, string Text)[] members) =>
        File.WriteAllBytes(path, Bytes([.. members.Select(member => (member.Name, Encoding.UTF8.GetBytes(member.Text)))]));

    public static byte[] Bytes(params (string Name, byte[] Content)[] members)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in members)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
