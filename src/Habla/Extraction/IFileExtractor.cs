namespace Habla.Extraction;

/// <summary>Reads the text of a file. Several threads may use one at the same time.</summary>
public interface IFileExtractor
{
    /// <summary>
    /// What the result depends on besides the file: the programs and libraries with their versions, and the options. Where it is the
    /// same, the same file gives the same result, so an earlier one can be used again.
    /// </summary>
    string Identity { get; }

    /// <summary>Reads a file. Whatever is wrong with it is told in the result and throws nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    ExtractionResult Extract(string path, CancellationToken stop);
}
