namespace Habla.Extraction;

/// <summary>What is read, and how much it may take.</summary>
public sealed record ExtractionOptions
{
    /// <summary>How many times the time limit all pages of a file that are pictures may take together.</summary>
    internal const int OcrLimits = 60;

    /// <summary>Whether PDF files are read. Default true.</summary>
    public bool Pdf { get; init; } = true;

    /// <summary>Whether images, and PDF pages without a text layer, are read by optical character recognition. Default true.</summary>
    public bool Ocr { get; init; } = true;

    /// <summary>The language that tesseract expects, such as <c>eng</c>, <c>spa</c> or <c>eng+spa</c>. Default eng.</summary>
    public string OcrLanguage { get; init; } = "eng";

    /// <summary>The field of a JSON object that holds its text; dots go deeper, as in <c>message.text</c>. Default text.</summary>
    public string JsonField { get; init; } = "text";

    /// <summary>The largest file that is read, in bytes, and the most that an archive may unpack to. Default 100 MiB; at least 1.</summary>
    public long MaxBytes { get; init; } = 100L << 20;

    /// <summary>
    /// How long one file may take; a member of an archive and a page that is a picture count as one each, so that a long scan is not
    /// lost; all pages of one file that are pictures may take 60 times that together. Above 0 seconds; default 60 seconds.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How much memory reading one file may take, in MiB. Default 1024; at least 128.</summary>
    public int MemoryLimitMb { get; init; } = 1024;
}
