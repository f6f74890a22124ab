using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>Holds each document against those that were kept before it: the first of several that are alike stays.</summary>
/// <param name="threshold">From which similarity on a text is almost the same; 0 looks for equal texts only.</param>
internal sealed class DuplicateSearch(double threshold)
{
    private readonly Dictionary<UInt128, int> _equal = [];
    private readonly NearDuplicateIndex? _near = threshold > 0 ? new NearDuplicateIndex(threshold) : null;

    /// <summary>Which document before is the same or almost the same; null when there is none.</summary>
    /// <returns>Which one, counted in the order of keeping, and how similar.</returns>
    public (int Kept, SkipReason Reason, double Similarity)? Find(in PreparedText text) =>
        _equal.TryGetValue(text.Key, out int same) ? (same, SkipReason.Duplicate, 1)
        : text.Signature is { } signature && _near!.Find(signature) is var (near, similarity) ? (near, SkipReason.NearDuplicate, similarity)
        : null;

    /// <summary>Keeps a document.</summary>
    public void Keep(in PreparedText text)
    {
        _equal.Add(text.Key, _equal.Count);
        if (text.Signature is { } signature)
        {
            _near!.Add(signature);
        }
    }
}
