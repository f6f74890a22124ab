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

    /// <summary>A hash of what an extractor's results depend on.</summary>
    public static string HashOf(IFileExtractor extractor) => ContentHash.OfText(extractor.Identity)[..16];

    public ReadFile Read(SourceFile file, CancellationToken stop)
    {
        try
        {
            return ReadWhole(file, stop) ?? ReadWhole(file, stop) ?? Failed(file, SkipReason.Unreadable, "it changed while it was read");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed(file, SkipReason.Unreadable, "the file was gone when it was to be read");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(file, SkipReason.Unreadable, OneFile.Words(error));
        }
        catch (OutOfMemoryException)
        {
            return Failed(file, SkipReason.TooMuchMemory, "there was not enough memory to read it");
        }
        catch (Exception error) when (OneFile.IsToBlame(error))
        {
            // An extractor promises to throw nothing; should a library do so after all, one file is lost and not the run.
            return Failed(file, SkipReason.Broken, $"reading it failed: {OneFile.Words(error)}");
        }
    }

    /// <summary>Null when the file changed before it was read to its end: its text and its hash may be of different bytes.</summary>
    private ReadFile? ReadWhole(SourceFile found, CancellationToken stop)
    {
        SourceFile file = AsItIs(found);
        string? sha256 = null;
        string Hash() => sha256 ??= ContentHash.OfFile(file.Path);
        bool settled = IsSettled(file);
        ExtractedFile? kept = cache.Find(file, Hash, out bool unchanged);
        if (kept is not null)
        {
            return Prepared(file, kept with { Modified = file.Modified, Settled = settled }, reused: true, toKeep: !unchanged);
        }

        // A change shows in the size or the time, but for one right after another: there only the bytes tell.
        string? before = settled || file.Length > options.Extraction.MaxBytes ? null : ContentHash.OfFile(file.Path);
        ExtractionResult result = TextLimit.Hold(extractor.Extract(file.Path, stop), options.MostCharacters);
        sha256 = null;
        string hash = result.Texts.Count > 0 ? Hash() : "";
        if (AsItIs(file) != file || (before is not null && before != Hash()))
        {
            return null;
        }

        var read = new ExtractedFile(file.Path, file.Length, file.Modified, settled, extraction, hash, result);
        return Prepared(file, read, reused: false, toKeep: !result.Skipped.Any(part => part.Passing) && FitsTheCache(result));
    }

    /// <summary>All texts of a file are one line there, which has to fit into memory several times.</summary>
    private bool FitsTheCache(ExtractionResult result) => result.Texts.Sum(text => (long)text.Text.Length) <= options.MostCharacters;

    private static ReadFile Failed(SourceFile file, SkipReason reason, string why)
    {
        var result = new ExtractionResult("unknown", [], [new SkippedPart("unknown", null, reason, why, Passing: true)]);
        return new ReadFile(file, new ExtractedFile(file.Path, file.Length, file.Modified, false, "", "", result), [], false, false);
    }

    /// <summary>The file with the size and time it has now.</summary>
    private static SourceFile AsItIs(SourceFile file)
    {
        var now = new FileInfo(file.Path);
        return now.Exists
            ? file with { Length = now.Length, Modified = now.LastWriteTimeUtc.Ticks }
            : throw new FileNotFoundException(null, file.Path);
    }

    private bool IsSettled(SourceFile file) => time.GetUtcNow().UtcTicks - file.Modified > _settling.Ticks;

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
