using Habla.Extraction;

namespace Habla.Tests.Extraction;

/// <summary>Files of a test, read in this process.</summary>
internal static class Extracted
{
    /// <summary>Writes a file and reads it.</summary>
    public static ExtractionResult From(string path, byte[] bytes, ExtractionOptions? options = null)
    {
        File.WriteAllBytes(path, bytes);
        return From(path, options);
    }

    /// <summary>Reads a file that is there.</summary>
    public static ExtractionResult From(string path, ExtractionOptions? options = null)
    {
        using FileExtractor extractor = Extractors.Create(options ?? new ExtractionOptions(), null);
        return extractor.Extract(path, CancellationToken.None);
    }

    /// <summary>The only thing that a file gives: why it gives no text.</summary>
    public static SkippedPart Skip(string path, ExtractionOptions? options = null)
    {
        ExtractionResult result = From(path, options);
        Assert.Empty(result.Texts);
        SkippedPart skip = Assert.Single(result.Skipped);
        Assert.DoesNotContain('\n', skip.Detail);
        Assert.NotEmpty(skip.Detail);
        return skip;
    }

    /// <summary>Why a file of these bytes gives no text.</summary>
    public static SkipReason Reason(string path, byte[] bytes, ExtractionOptions? options = null)
    {
        File.WriteAllBytes(path, bytes);
        return Skip(path, options).Reason;
    }
}
