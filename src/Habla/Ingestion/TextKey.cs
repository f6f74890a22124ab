using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Habla.Ingestion;

/// <summary>A number that two texts share when they are the same but for white space at the ends of lines and lines at the end.</summary>
internal static class TextKey
{
    /// <summary>The first half of a SHA-256: no two different texts have the same in practice.</summary>
    public static UInt128 Of(string text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<char> newlines = stackalloc char[256];
        newlines.Fill('\n');
        ReadOnlySpan<char> rest = text;
        int pending = 0; // line ends that count as soon as another line has something in it
        while (rest.Length > 0)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = (end < 0 ? rest : rest[..end]).TrimEnd();
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.Length > 0)
            {
                for (; pending > 0; pending -= Math.Min(pending, newlines.Length))
                {
                    hash.AppendData(MemoryMarshal.AsBytes(newlines[..Math.Min(pending, newlines.Length)]));
                }

                hash.AppendData(MemoryMarshal.AsBytes(line));
            }

            pending++;
        }

        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(whole);
        return MemoryMarshal.Read<UInt128>(whole);
    }
}
