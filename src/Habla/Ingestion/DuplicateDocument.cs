using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>A document that was dropped, and the one that stayed.</summary>
/// <param name="Source">The dropped one's file.</param>
/// <param name="Part">Its page or member; null for the whole file.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Reason">Whether the texts are the same or almost the same.</param>
/// <param name="Similarity">1 for the same text; otherwise the estimated share of pieces in common.</param>
/// <param name="Of">The id of the document that stayed.</param>
/// <param name="OfSource">That one's file.</param>
/// <param name="OfPart">Its page or member.</param>
public sealed record DuplicateDocument(
    string Source, string? Part, string Kind, SkipReason Reason, double Similarity, string Of, string OfSource, string? OfPart);
