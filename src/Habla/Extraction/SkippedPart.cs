namespace Habla.Extraction;

/// <summary>A file, a page or a member from which no text came, and why. Nothing is left out without one.</summary>
/// <param name="Kind">What it was taken for, such as <c>pdf</c>; <c>unknown</c> when that could not be told.</param>
/// <param name="Part">Which page or member; null for the whole file.</param>
/// <param name="Reason">Why, as programs count it.</param>
/// <param name="Detail">Why, as people read it: one line.</param>
/// <param name="Passing">
/// Whether the same file may give a text another time: a program died, is missing or passed a limit, or the disk failed. Such a result is
/// not to be kept. Default false: the file itself is the reason.
/// </param>
/// <param name="Count">How many parts it stands for; 1 or more. Default 1.</param>
public sealed record SkippedPart(string Kind, string? Part, SkipReason Reason, string Detail, bool Passing = false, int Count = 1);
