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

    /// <summary>Reads a file with other programs in the place of the real ones.</summary>
    public static ExtractionResult With(ProgramNames names, string path, ExtractionOptions options)
    {
        using var extractor = new FileExtractor(options, null, new Programs(options, names));
        return extractor.Extract(path, CancellationToken.None);
    }

    /// <summary>The lines of a text, without blank ones.</summary>
    public static string[] Lines(ExtractedText text) =>
        text.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Where the only skipped part is, and why.</summary>
    public static (string? Part, SkipReason Reason) Only(IReadOnlyList<SkippedPart> skipped)
    {
        SkippedPart one = Assert.Single(skipped);
        return (one.Part, one.Reason);
    }
}
