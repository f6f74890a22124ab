using Habla.Extraction;
using Habla.Storage;

namespace Habla.Ingestion;

/// <summary>
/// Reads one file: from the cache where it has not changed, otherwise with the extractor. Whatever is wrong with the file is told in the
/// result. Several threads use it at the same time.
/// </summary>
internal sealed class SourceReader(IFileExtractor extractor, IngestCache cache, IngestOptions options, string extraction, TimeProvider time)
{
    // File systems keep times as coarse as this; a file changed so recently may change again without showing it.
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(2);

    // What comes out differently at another moment is not kept.
    private static readonly SkipReason[] _passing = [SkipReason.TooSlow, SkipReason.TooMuchMemory, SkipReason.Unreadable];

    /// <summary>A hash of what an extractor's results depend on.</summary>
    public static string HashOf(IFileExtractor extractor) => ContentHash.OfText(extractor.Identity)[..16];

    public ReadFile Read(SourceFile file, CancellationToken stop)
    {
        try
        {
            string? sha256 = null;
            string Hash() => sha256 ??= ContentHash.OfFile(file.Path);
            ExtractedFile? kept = cache.Find(file, Hash, out bool unchanged);
            if (kept is not null)
            {
                return Prepared(file, kept with { Modified = file.Modified, Settled = IsSettled(file) }, reused: true, toKeep: !unchanged);
            }

            bool settled = IsSettled(file);
            ExtractionResult result = Extracted(file, stop);
            string hash = result.Texts.Count > 0 ? Hash() : "";
            var read = new ExtractedFile(file.Path, file.Length, file.Modified, settled, extraction, hash, result);
            bool passing = result.Skipped.Any(part => _passing.Contains(part.Reason)) || HasChanged(file);
            return Prepared(file, read, reused: false, toKeep: !passing);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            bool gone = error is FileNotFoundException or DirectoryNotFoundException;
            string why = gone ? "the file was gone when it was to be read" : error.Message;
            var skipped = new SkippedPart("unknown", null, SkipReason.Unreadable, why);
            var result = new ExtractionResult("unknown", [], [skipped]);
            return new ReadFile(
                file, new ExtractedFile(file.Path, file.Length, file.Modified, false, extraction, "", result), [], false, false);
        }
    }

    private ExtractionResult Extracted(SourceFile file, CancellationToken stop)
    {
        try
        {
            return extractor.Extract(file.Path, stop);
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException or IOException
            or UnauthorizedAccessException))
        {
            // It promises to throw nothing; should a library do so after all, one file is lost and not the run.
            string why = $"reading it failed: {error.Message.ReplaceLineEndings(" ")}";
            return new ExtractionResult("unknown", [], [new SkippedPart("unknown", null, SkipReason.Broken, why)]);
        }
    }

    private bool IsSettled(SourceFile file) => time.GetUtcNow().UtcTicks - file.Modified > _settling.Ticks;

    private static bool HasChanged(SourceFile file) =>
        new FileInfo(file.Path) is var now && (!now.Exists || now.Length != file.Length || now.LastWriteTimeUtc.Ticks != file.Modified);

    private ReadFile Prepared(SourceFile file, ExtractedFile extracted, bool reused, bool toKeep) =>
        new(file, extracted, [.. extracted.Result.Texts.Select(text => Prepared(text.Text))], reused, toKeep);

    private PreparedText Prepared(string text)
    {
        bool longEnough = Characters(text.AsSpan().Trim()) >= options.MinCharacters;
        return !longEnough ? new PreparedText(false, 0, default, null) : new PreparedText(
            true, Characters(text), TextKey.Of(text), options.NearDuplicates > 0 ? MinHashSignature.Of(text) : null);
    }

    private static long Characters(ReadOnlySpan<char> text)
    {
        long characters = text.Length;
        for (int i = 1; i < text.Length; i++)
        {
            characters -= char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]) ? 1 : 0;
        }

        return characters;
    }
}
