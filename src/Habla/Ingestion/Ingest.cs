using Habla.Extraction;
using Habla.Storage;

namespace Habla.Ingestion;

/// <summary>From files and folders to documents with their provenance, and a report of everything that gave none.</summary>
public static class Ingest
{
    private const string LockName = "ingest.lock";

    // Results that wait for their turn, at most: enough that one slow file does not stop the others.
    private const int MostAhead = 1024;
    private const long MostBytesAhead = 256L << 20;

    /// <summary>
    /// Reads everything and writes <c>documents.jsonl.gz</c>, unless nothing came out, and <c>ingest_report.json</c>. Both are a function
    /// of the files, the options and the extractor, to the byte; neither the number of threads nor an earlier run changes them.
    /// </summary>
    /// <param name="options">What is read, and where to.</param>
    /// <param name="extractor">Reads a file; made with <see cref="IngestOptions.Extraction"/>.</param>
    /// <param name="progress">Is told after each file, on the calling thread; null for nobody.</param>
    /// <param name="time">The clock that tells which files were changed just now; null for the system's.</param>
    /// <param name="stop">Ends it early. What was read by then need not be read again.</param>
    /// <exception cref="InvalidInputException">An option is wrong, none of the paths exists, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; documents and report are as they were before.</exception>
    public static IngestOutcome Run(
        IngestOptions options, IFileExtractor extractor, Action<IngestProgress>? progress = null, TimeProvider? time = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(extractor);
        options.Validate();
        FileTree tree = FileTree.Walk(options.Paths, TreeOptions(options), stop);
        using IDisposable @lock = Lock(options.Output);
        string extraction = SourceReader.HashOf(extractor);
        using IngestCache cache = IngestCache.Open(options.Output, extraction, tree.Files);
        var reader = new SourceReader(extractor, cache, options, extraction, time ?? TimeProvider.System);
        var work = new OrderedWork(options.Threads, MostAhead, MostBytesAhead);
        var counts = new IngestCounts();
        foreach (SkippedSource skipped in tree.Skipped)
        {
            counts.AddSkipped(skipped);
        }

        int reused = 0;
        WriteUnlessEmpty(Path.Combine(options.Output, DocumentFile.Name), documents =>
        {
            var assembly = new DocumentAssembly(documents, counts, options.NearDuplicates);
            progress?.Invoke(new IngestProgress(0, tree.Files.Count, 0, 0));
            IEnumerable<ReadFile> files = work.Run(
                tree.Files, file => 4 * Math.Min(file.Length, options.Extraction.MaxBytes), file => file.Bytes, reader.Read, stop);
            foreach (ReadFile file in files)
            {
                if (file.ToKeep)
                {
                    Keep(cache, file.Extracted);
                }

                assembly.Add(file);
                reused += file.Reused ? 1 : 0;
                progress?.Invoke(new IngestProgress(counts.Files, tree.Files.Count, reused, counts.Documents));
            }

            return counts.Documents > 0;
        });
        IngestReport report = counts.Report(options, extractor.Identity, tree.LeftOut);
        JsonFormat.WriteFile(Path.Combine(options.Output, IngestReport.Name), report);
        return new IngestOutcome(report, reused);
    }

    /// <summary>Writes the documents; when there is none, what an earlier run wrote stays.</summary>
    private static void WriteUnlessEmpty(string path, Func<DocumentWriter, bool> write)
    {
        try
        {
            DocumentFile.Write(path, documents => _ = write(documents) ? true : throw new NoDocumentException());
        }
        catch (NoDocumentException)
        {
            // The report says why.
        }
    }

    /// <summary>What cannot be kept is read again the next time.</summary>
    private static void Keep(IngestCache cache, ExtractedFile file)
    {
        try
        {
            cache.Append(file);
        }
        catch (Exception error) when (OneFile.IsToBlame(error))
        {
            // The file's documents are written all the same.
        }
    }

    private static FileTreeOptions TreeOptions(IngestOptions options) => new()
    {
        Include = options.Include,
        Exclude = options.Exclude,
        MaxFiles = options.MaxFiles,
        Without = options.Output,
    };

    /// <summary>Two at the same time would write into the same files.</summary>
    private static FileStream Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            bool isHeld = File.Exists(Path.Combine(folder, LockName)) && error is not UnauthorizedAccessException;
            throw new InvalidInputException(
                isHeld
                    ? $"another habla ingest is writing to {folder}; wait for it, or choose another --out."
                    : $"cannot write to {folder}: {error.Message} Choose another --out.",
                error);
        }
    }

    /// <summary>Nothing came out: the file that was begun is given up.</summary>
    private sealed class NoDocumentException : Exception;
}
