namespace Habla.Extraction;

/// <summary>What the external programs are called, or where they are.</summary>
internal sealed record ProgramNames
{
    public string PdfToText { get; init; } = "pdftotext";

    public string PdfToPpm { get; init; } = "pdftoppm";

    public string Tesseract { get; init; } = "tesseract";

    /// <summary>Sets limits for another program. Where there is none, only the time limit holds.</summary>
    public string Limiter { get; init; } = "prlimit";
}
