using System.Security.Cryptography;
using System.Text;

namespace Habla.Storage;

/// <summary>SHA-256 of files and texts, as 64 lower-case hexadecimal digits.</summary>
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
}
