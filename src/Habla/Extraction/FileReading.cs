using System.Diagnostics;
using System.Text;

namespace Habla.Extraction;

/// <summary>The reading of one file: its limits, and what was found so far. One thread uses it.</summary>
internal sealed class FileReading(ExtractionOptions options, Programs programs, IExtractionSink sink, CancellationToken stop)
{
    private long _characters, _unpacked;

    /// <summary>What is read, and how much it may take.</summary>
    public ExtractionOptions Options => options;

    /// <summary>The external programs.</summary>
    public Programs Programs => programs;

    /// <summary>What one run of an external program may take.</summary>
    public ProgramLimits Limits => new(options.TimeLimit, options.MemoryLimitMb, options.MaxBytes);

    /// <summary>How many archives what is being read lies in.</summary>
    public int Depth { get; set; }

    /// <summary>How long all pages of the file that are pictures may take together.</summary>
    public TimeSpan OcrLimit { get; init; } = ExtractionOptions.OcrLimits * options.TimeLimit;

    /// <summary>How long pages that are pictures took so far.</summary>
    public Stopwatch OcrTime { get; } = new();

    /// <summary>Ends the reading early.</summary>
    public CancellationToken Stop => stop;

    /// <summary>A page or a member is read next; the time limit counts from here.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public void Begin(string? part)
    {
        stop.ThrowIfCancellationRequested();
        sink.Begin(part);
    }

    /// <summary>Adds a text; one without any visible character is told as skipped.</summary>
    /// <param name="text">The text; line ends are "\n".</param>
    /// <param name="kind">What it was in.</param>
    /// <param name="part">Which page or member it is.</param>
    /// <param name="extractor">What read it.</param>
    public void Add(string text, string kind, string? part, string extractor)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            Skip(kind, part, SkipReason.Empty, "it has no text");
            return;
        }

        CountCharacters(text.Length);
        sink.Add(new ExtractedText(WholeCharacters(text), kind, part, extractor));
    }

    /// <summary>Tells that no text came from a part.</summary>
    public void Skip(string kind, string? part, SkipReason reason, string detail) =>
        sink.Add(new SkippedPart(kind, part, reason, detail, SkipException.IsPassing(reason)));

    /// <summary>Tells that no text came from a part.</summary>
    public void Skip(string kind, string? part, SkipException skip) => sink.Add(skip.Told(kind, part));

    /// <summary>Tells that no text came from one part or several.</summary>
    public void Skip(SkippedPart skipped) => sink.Add(skipped);

    /// <summary>A text was read as Latin-1 for want of a better encoding.</summary>
    public void CountFallback() => sink.CountFallback();

    /// <summary>Decodes a text, and counts it when Latin-1 was the last resort.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        DecodedText decoded = TextDecoder.Decode(bytes);
        if (decoded.IsFallback)
        {
            sink.CountFallback();
        }

        return decoded.Text;
    }

    /// <summary>Counts bytes as they come out of an archive: what its directory says of its size may be a lie.</summary>
    /// <exception cref="SkipException">The file unpacks to more than the limit.</exception>
    public void CountUnpacked(long bytes)
    {
        stop.ThrowIfCancellationRequested();
        _unpacked += bytes;
        if (_unpacked > options.MaxBytes)
        {
            throw new SkipException(
                SkipReason.TooLarge, $"it unpacks to more than {options.MaxBytes} bytes; nothing after this was read", endsFile: true);
        }
    }

    private void CountCharacters(int count)
    {
        _characters += count;
        if (_characters > options.MaxBytes)
        {
            throw new SkipException(
                SkipReason.TooLarge, $"it has more than {options.MaxBytes} characters; nothing after this was read", endsFile: true);
        }
    }

    /// <summary>Half of a surrogate pair is no character and cannot be written as UTF-8.</summary>
    private static string WholeCharacters(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return text;
        }

        var whole = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            whole.Append(rune);
        }

        return whole.ToString();
    }
}
