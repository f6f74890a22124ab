using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Habla.Data.Shards;

/// <summary>
/// Which documents are for training and which for validation. A document's own text and the seed decide, so those that are there stay
/// where they are when others come. All that is from one file goes together, and so do near duplicates, to where the one with the
/// smallest SHA-256 goes.
/// </summary>
public sealed class DocumentSplit
{
    private readonly bool[] _isValidation;

    private DocumentSplit(bool[] isValidation) => _isValidation = isValidation;

    /// <summary>Documents.</summary>
    public int Count => _isValidation.Length;

    /// <summary>Documents for validation.</summary>
    public int ValidationCount => _isValidation.Count(validation => validation);

    /// <summary>Documents that are equal to, or a near duplicate of, an earlier one.</summary>
    public required int GroupedDocuments { get; init; }

    /// <summary>Files that the documents are from, and with them documents that are from none, such as records.</summary>
    public required int Sources { get; init; }

    /// <summary>
    /// Documents for validation of which the same text, another part of the same file, or a near duplicate is for training: looked for
    /// after the split in another way than documents were joined, so it is a finding; 0 unless something is wrong.
    /// </summary>
    public required int Leaks { get; init; }

    /// <summary>
    /// What tells this split from others: a SHA-256 of the seed, the fraction, and in their order the documents and where they went.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Splits documents; reads each once and keeps some two kilobytes of it.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="validationFraction">The share of documents for validation: above 0, below 1. About so many are, not exactly.</param>
    /// <param name="seed">Decides, with each document's text, where it goes.</param>
    /// <param name="threads">Documents read at once; changes nothing of the result.</param>
    /// <exception cref="InvalidInputException">A document cannot be read.</exception>
    public static DocumentSplit Of(IEnumerable<SourceText> documents, double validationFraction, ulong seed, int threads)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(validationFraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(validationFraction, 1);
        TextSignature[] signatures = [.. TextWork.Select(documents, threads, TextSignature.Of)];
        (int[] groups, int alike, int sources) = Join(signatures);
        byte[][] smallest = [.. signatures.Select(signature => signature.Sha256)];
        for (int i = 0; i < groups.Length; i++)
        {
            if (signatures[i].Sha256.AsSpan().SequenceCompareTo(smallest[groups[i]]) < 0)
            {
                smallest[groups[i]] = signatures[i].Sha256;
            }
        }

        bool[] isValidation = [.. groups.Select(group => Place(smallest[group], seed) < validationFraction)];
        return new DocumentSplit(isValidation)
        {
            GroupedDocuments = alike,
            Sources = sources,
            Leaks = NearDuplicates.CountAcross(signatures, isValidation),
            Id = IdOf(signatures, isValidation, validationFraction, seed),
        };
    }

    /// <summary>Whether a document is for validation.</summary>
    /// <param name="document">Which, from 0 in the order they were given.</param>
    public bool IsValidation(int document) => _isValidation[document];

    /// <summary>For each document the first of its group, how many are near duplicates, and of how many files they are.</summary>
    private static (int[] Groups, int Alike, int Sources) Join(TextSignature[] signatures)
    {
        var groups = new DocumentGroups(signatures.Length);
        var firsts = new Dictionary<string, int>();
        for (int i = 0; i < signatures.Length; i++)
        {
            if (signatures[i].Source is { } source && !firsts.TryAdd(source, i))
            {
                groups.Join(firsts[source], i);
            }
        }

        int[] alike = NearDuplicates.Groups(signatures);
        for (int i = 0; i < alike.Length; i++)
        {
            groups.Join(alike[i], i);
        }

        return (groups.Firsts(), alike.Where((first, i) => first != i).Count(),
            firsts.Count + signatures.Count(signature => signature.Source is null));
    }

    private static string IdOf(TextSignature[] signatures, bool[] isValidation, double validationFraction, ulong seed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> settings = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(settings, seed);
        BinaryPrimitives.WriteDoubleLittleEndian(settings[8..], validationFraction);
        hash.AppendData(settings);
        for (int i = 0; i < signatures.Length; i++)
        {
            hash.AppendData(signatures[i].Sha256);
            hash.AppendData([isValidation[i] ? (byte)1 : (byte)0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A text's place between 0 and 1: a hash of the seed and of the text's hash.</summary>
    private static double Place(byte[] sha256, ulong seed)
    {
        Span<byte> bytes = stackalloc byte[8 + SHA256.HashSizeInBytes], hash = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, seed);
        sha256.CopyTo(bytes[8..]);
        SHA256.HashData(bytes, hash);
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
