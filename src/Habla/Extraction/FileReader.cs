using System.Collections.Frozen;

namespace Habla.Extraction;

/// <summary>Reads a file in this process, whatever its kind, and everything within it.</summary>
internal sealed class FileReader
{
    private readonly FrozenDictionary<string, IKindReader> _readers;

    public FileReader()
    {
        var plain = new PlainTextReader();
        var archive = new ArchiveReader(this);
        var table = new TableReader();
        var json = new JsonReader();
        _readers = new Dictionary<string, IKindReader>
        {
            [Kinds.Text] = plain,
            [Kinds.Code] = plain,
            [Kinds.Markdown] = new MarkdownReader(),
            [Kinds.Html] = new HtmlReader(),
            [Kinds.Epub] = new EpubReader(),
            [Kinds.Docx] = new DocxReader(),
            [Kinds.Pptx] = new PptxReader(),
            [Kinds.Xlsx] = new XlsxReader(),
            [Kinds.Csv] = table,
            [Kinds.Tsv] = table,
            [Kinds.Json] = json,
            [Kinds.JsonLines] = json,
            [Kinds.Pdf] = new PdfReader(),
            [Kinds.Image] = new OcrReader(),
            [Kinds.Gzip] = archive,
            [Kinds.Zip] = archive,
            [Kinds.Tar] = archive,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Its kind.</returns>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Read(SourceContent source, FileReading reading)
    {
        try
        {
            return Read(source, null, reading);
        }
        catch (EndOfReadingException)
        {
            return KindOf(source);
        }
    }

    /// <summary>Reads a file or a member.</summary>
    /// <param name="source">It.</param>
    /// <param name="part">Where in the whole file it is; null for the whole file.</param>
    /// <param name="reading">Takes what is found.</param>
    /// <returns>Its kind.</returns>
    /// <exception cref="EndOfReadingException">A limit of the whole file is reached.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Read(SourceContent source, string? part, FileReading reading)
    {
        string kind = KindDetector.Guess(source.Name);
        try
        {
            reading.Begin(part);
            if (source.Length == 0)
            {
                throw new SkipException(SkipReason.Empty, "it has no bytes");
            }

            kind = KindDetector.Detect(source);
            _readers[kind].Read(source, kind, part, reading);
        }
        catch (SkipException skip)
        {
            reading.Skip(kind, part, skip);
            if (skip.EndsFile)
            {
                throw new EndOfReadingException();
            }
        }
        catch (OutOfMemoryException)
        {
            reading.Skip(kind, part, SkipReason.TooMuchMemory, $"reading it takes more than {reading.Options.MemoryLimitMb} MiB");
        }
        catch (Exception error) when (error is UnauthorizedAccessException or FileNotFoundException && part is null)
        {
            reading.Skip(kind, part, SkipReason.Unreadable, OneLine.Of(error));
        }
        catch (Exception error) when (error is not OperationCanceledException and not EndOfReadingException)
        {
            // A library that meets what it did not expect throws what it likes; the file is one line of the report all the same.
            reading.Skip(kind, part, new SkipException(
                SkipReason.Broken, $"it is broken: {OneLine.Of(error)}", passing: SkipException.IsPassing(error)));
        }

        return kind;
    }

    private static string KindOf(SourceContent source)
    {
        try
        {
            return KindDetector.Detect(source);
        }
        catch (SkipException)
        {
            return KindDetector.Guess(source.Name);
        }
    }
}
