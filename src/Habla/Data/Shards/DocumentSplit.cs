using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Habla.Data.Shards;

/// <summary>
/// Which documents are for training and which for validation. A document's own text and the seed decide, so those that are there stay
/// where they are when others come; near duplicates go together, to where the one with the smallest SHA-256 goes.
/// </summary>
public sealed class DocumentSplit
{
    private readonly bool[] _isValidation;

    private DocumentSplit(bool[] isValidation, int groupedDocuments, int leaks) =>
        (_isValidation, GroupedDocuments, Leaks) = (isValidation, groupedDocuments, leaks);

    /// <summary>Documents.</summary>
    public int Count => _isValidation.Length;

    /// <summary>Documents for validation.</summary>
    public int ValidationCount => _isValidation.Count(validation => validation);

    /// <summary>Documents that are equal to, or a near duplicate of, an earlier one.</summary>
    public int GroupedDocuments { get; }

    /// <summary>
    /// Documents for validation of which a near duplicate is for training, counted again after the split; 0 unless something is wrong.
    /// </summary>
    public int Leaks { get; }

    /// <summary>Splits documents; reads each once and keeps some 600 bytes of it.</summary>
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
        TextSignature[] signatures = [.. TextWork.Select(documents, threads, document => TextSignature.Of(document.Text))];
        int[] groups = NearDuplicates.Groups(signatures);
        byte[][] smallest = [.. signatures.Select(signature => signature.Sha256)];
        for (int i = 0; i < groups.Length; i++)
        {
            if (signatures[i].Sha256.AsSpan().SequenceCompareTo(smallest[groups[i]]) < 0)
            {
                smallest[groups[i]] = signatures[i].Sha256;
            }
        }

        bool[] isValidation = [.. groups.Select(group => Place(smallest[group], seed) < validationFraction)];
        return new DocumentSplit(
            isValidation, groups.Where((group, i) => group != i).Count(), NearDuplicates.CountAcross(signatures, isValidation));
    }

    /// <summary>Whether a document is for validation.</summary>
    /// <param name="document">Which, from 0 in the order they were given.</param>
    public bool IsValidation(int document) => _isValidation[document];

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
