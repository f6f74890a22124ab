namespace Habla.Extraction;

/// <summary>
/// Reads files of every kind that is known: text in this process, PDF and images by external programs, and everything that a library
/// takes apart in worker processes, which hostile files may end without ending this one.
/// </summary>
public sealed class FileExtractor : IFileExtractor, IDisposable
{
    private readonly ExtractionOptions _options;
    private readonly Programs _programs;
    private readonly FileReader _reader;
    private readonly IsolatedExtractor? _isolated;

    internal FileExtractor(ExtractionOptions options, WorkerCommand? worker, Programs programs)
    {
        _options = options;
        _programs = programs;
        _reader = new FileReader();
        Identity = string.Join("; ", Extractors.Describe(options, programs));
        _isolated = worker is null ? null : new IsolatedExtractor(worker, options);
    }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public ExtractionResult Extract(string path, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        string guess = KindDetector.Guess(path);
        if (RegularFile.WhatElse(path) is { } other)
        {
            return Skipped(guess, SkipReason.Unreadable, $"it is {other}, and only files are read");
        }

        SourceContent source;
        try
        {
            source = SourceContent.OfFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return Skipped(guess, SkipReason.Unreadable, OneLine.Of(error));
        }

        if (source.Length > _options.MaxBytes)
        {
            return Skipped(guess, SkipReason.TooLarge, $"it has {source.Length} bytes, and at most {_options.MaxBytes} are read");
        }

        string kind = KindDetector.AtFirstSight(source);
        if (_isolated is not null && kind is not (Kinds.Text or Kinds.Code or Kinds.Pdf or Kinds.Image or Kinds.Unknown))
        {
            return _isolated.Extract(source.Path!, kind, stop);
        }

        var sink = new CollectingSink();
        return sink.Result(_reader.Read(source, new FileReading(_options, _programs, sink, stop)));
    }

    /// <summary>Ends the worker processes.</summary>
    public void Dispose() => _isolated?.Dispose();

    private static ExtractionResult Skipped(string kind, SkipReason reason, string detail) =>
        new(kind, [], [new SkippedPart(kind, null, reason, detail, SkipException.IsPassing(reason))]);
}
