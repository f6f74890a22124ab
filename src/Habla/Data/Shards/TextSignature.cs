using System.Security.Cryptography;
using System.Text;
using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>What two texts are compared by without either of them.</summary>
/// <param name="Sha256">SHA-256 of the text's UTF-8 bytes.</param>
/// <param name="Words">What tells how much alike they are.</param>
internal sealed record TextSignature(byte[] Sha256, MinHashSignature Words)
{
    /// <summary>A text's signature.</summary>
    public static TextSignature Of(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)), MinHashSignature.Of(text));

    /// <summary>Whether two texts are near duplicates.</summary>
    public bool IsLike(TextSignature other) => Words.Similarity(other.Words) >= NearDuplicates.LeastSimilarity;
}
