namespace Habla.Extraction;

/// <summary>No text comes from what is being read; thrown by readers, and told in the result by whoever asked them.</summary>
internal sealed class SkipException(SkipReason reason, string detail, bool endsFile = false, bool passing = false) : Exception(detail)
{
    /// <summary>Why, as programs count it.</summary>
    public SkipReason Reason { get; } = reason;

    /// <summary>Whether nothing more is read of the file around it either: a limit of the whole file is reached.</summary>
    public bool EndsFile { get; } = endsFile;

    /// <summary>Whether the same file may give a text another time.</summary>
    public bool Passing { get; } = passing || IsPassing(reason);

    /// <summary>Whether a reason lies in the machine and the moment, and never in the file.</summary>
    public static bool IsPassing(SkipReason reason) => reason is
        SkipReason.TooSlow or SkipReason.TooMuchMemory or SkipReason.Unreadable or SkipReason.ProgramMissing;

    /// <summary>Whether what went wrong is the disk, and not the file's content; one that ends too early is broken.</summary>
    public static bool IsPassing(Exception error) =>
        error is UnauthorizedAccessException || error is IOException and not EndOfStreamException;

    /// <summary>As it is told in a result.</summary>
    /// <param name="kind">What was read.</param>
    /// <param name="part">Which page or member; null for the whole file.</param>
    public SkippedPart Told(string kind, string? part) => new(kind, part, Reason, Message, Passing);
}
