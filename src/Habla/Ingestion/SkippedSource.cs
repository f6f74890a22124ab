using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>A file or a part of one from which no document came, and why.</summary>
/// <param name="Source">The file, relative to the folder that was given, with "/".</param>
/// <param name="Part">Which page or member; null for the whole file.</param>
/// <param name="Kind">What it was taken for; <c>unknown</c> when it was not opened.</param>
/// <param name="Reason">Why, as programs count it.</param>
/// <param name="Detail">Why, as people read it.</param>
/// <param name="Count">How many parts it stands for. Default 1.</param>
public sealed record SkippedSource(string Source, string? Part, string Kind, SkipReason Reason, string Detail, int Count = 1);
