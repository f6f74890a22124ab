using System.Security.Cryptography;

namespace Habla.Storage;

/// <summary>Writes a file that is flushed to disk and hashed on its way there, so that nothing is read back.</summary>
internal static class HashedFile
{
    /// <summary>Writes a new file in a folder that nobody reads yet; otherwise <see cref="AtomicFile"/> is the one to take.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content to the stream it is given.</param>
    /// <returns>The SHA-256 of what was written.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static string Write(string path, Action<Stream> write)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var hash = SHA256.Create();
        using var stream = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true);
        write(stream);
        stream.FlushFinalBlock();
        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
