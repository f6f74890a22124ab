namespace Habla.Extraction;

/// <summary>No text comes from what is being read; thrown by readers, and told in the result by whoever asked them.</summary>
internal sealed class SkipException(SkipReason reason, string detail, bool endsFile = false) : Exception(detail)
{
    /// <summary>Why, as programs count it.</summary>
    public SkipReason Reason { get; } = reason;

    /// <summary>Whether nothing more is read of the file around it either: a limit of the whole file is reached.</summary>
    public bool EndsFile { get; } = endsFile;
}
