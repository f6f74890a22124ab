namespace Habla.Extraction;

/// <summary>The external programs that read PDF files and images.</summary>
internal sealed class Programs(ExtractionOptions options)
{
    /// <summary>Each program with its version.</summary>
    public IEnumerable<string> Versions()
    {
        _ = options;
        return [];
    }
}
