namespace Habla.Extraction;

/// <summary>A file, a page or a member from which no text came, and why. Nothing is left out without one.</summary>
/// <param name="Kind">What it was taken for, such as <c>pdf</c>; <c>unknown</c> when that could not be told.</param>
/// <param name="Part">Which page or member; null for the whole file.</param>
/// <param name="Reason">Why, as programs count it.</param>
/// <param name="Detail">Why, as people read it: one line.</param>
public sealed record SkippedPart(string Kind, string? Part, SkipReason Reason, string Detail);
