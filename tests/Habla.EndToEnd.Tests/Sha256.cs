using System.Security.Cryptography;

namespace Habla.EndToEnd.Tests;

/// <summary>Hashes by other code than Habla's own.</summary>
internal static class Sha256
{
    public static string OfFile(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
