namespace Habla.Tests.Storage;

/// <summary>
/// Puts an abyss before the content of a file, which nobody could read through: what still works has not read the beginning.
/// </summary>
internal static class Hole
{
    private const long Size = 1L << 36;

    public static void PutBefore(string path, int keptBytes = 0)
    {
        byte[] content = File.ReadAllBytes(path);
        using FileStream file = File.OpenWrite(path);
        file.SetLength(keptBytes);
        file.SetLength(keptBytes + Size); // takes no room on the disk
        file.Seek(0, SeekOrigin.End);
        file.WriteByte((byte)'\n');
        file.Write(content, keptBytes, content.Length - keptBytes);
    }
}
