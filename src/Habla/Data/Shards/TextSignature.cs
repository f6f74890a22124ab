using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>What two texts are compared by without either of them.</summary>
/// <param name="Sha256">
/// SHA-256 of the text's UTF-8 bytes. Not ingestion's key, which passes over white space at the ends of lines: this is of the whole text,
/// and where a document goes depends on it.
/// </param>
/// <param name="Words">What tells how much alike they are.</param>
/// <param name="Source">The file that it is from; null for none.</param>
internal sealed record TextSignature(byte[] Sha256, MinHashSignature Words, string? Source)
{
    /// <summary>Half of the SHA-256: no two different texts have the same in practice.</summary>
    public UInt128 Key => BinaryPrimitives.ReadUInt128BigEndian(Sha256);

    /// <summary>A text's signature.</summary>
    public static TextSignature Of(SourceText text) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(text.Text)), MinHashSignature.Of(text.Text), text.Source);
}
