using System.Security.Cryptography;
using System.Text;

namespace Habla.Storage;

/// <summary>SHA-256 of files, of texts and of what a file would hold, as 64 lower-case hexadecimal digits.</summary>
public static class ContentHash
{
    /// <summary>The SHA-256 of a file's bytes.</summary>
    /// <param name="path">An existing file.</param>
    public static string OfFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The SHA-256 of a text's UTF-8 bytes.</summary>
    /// <param name="text">Any text.</param>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The SHA-256 that a file would have, without writing it.</summary>
    /// <param name="write">Writes the content to the stream it is given.</param>
    public static string OfWritten(Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var hash = SHA256.Create();
        using var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
        write(stream);
        stream.FlushFinalBlock();
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
