using System.Text.RegularExpressions;

namespace Habla.Extraction;

/// <summary>The external programs that read PDF files and images. What is installed is looked up once.</summary>
internal sealed partial class Programs
{
    /// <summary>What a result depends on when nothing can limit the memory of programs.</summary>
    public const string Unlimited = "no prlimit";

    private readonly ExtractionOptions _options;
    private readonly string? _limiter;
    private readonly Lazy<string[]> _languages;

    public Programs(ExtractionOptions options, ProgramNames? names = null)
    {
        names ??= new ProgramNames();
        _options = options;
        string? limiter = _limiter = ExternalProgram.Find(names.Limiter);
        PdfToText = new ExternalProgram("pdftotext", names.PdfToText, "poppler-utils", "-v", limiter);
        PdfToPpm = new ExternalProgram("pdftoppm", names.PdfToPpm, "poppler-utils", "-v", limiter);
        Tesseract = new ExternalProgram("tesseract", names.Tesseract, "tesseract-ocr", "--version", limiter);
        _languages = new Lazy<string[]>(FindLanguages);
    }

    /// <summary>PDF to text.</summary>
    public ExternalProgram PdfToText { get; }

    /// <summary>PDF to pictures.</summary>
    public ExternalProgram PdfToPpm { get; }

    /// <summary>Pictures to text.</summary>
    public ExternalProgram Tesseract { get; }

    /// <summary>Each program that the options ask for, with its version.</summary>
    public IEnumerable<string> Versions()
    {
        ExternalProgram[] forPdf = _options.Pdf ? [PdfToText] : [], forOcr = _options.Ocr ? [PdfToPpm, Tesseract] : [];
        bool isLimited = _limiter is not null || forPdf.Length + forOcr.Length == 0;
        return
        [
            .. isLimited ? Array.Empty<string>() : [Unlimited], .. forPdf.Concat(forOcr).Select(program => program.NameAndVersion),
            .. _options.Ocr ? _languages.Value.Select(name => $"tesseract-ocr-{name}") : [],
        ];
    }

    /// <summary>Makes sure that pictures can be read in the language that was asked for.</summary>
    /// <exception cref="SkipException">They cannot.</exception>
    public void RequireTesseract()
    {
        Tesseract.Require();
        if (_options.OcrLanguage.Split('+').FirstOrDefault(name => !_languages.Value.Contains(name)) is { } missing)
        {
            throw new SkipException(SkipReason.ProgramMissing,
                $"tesseract does not know the language {missing}; "
                + $"install it with `apt-get install tesseract-ocr-{missing.Replace('_', '-')}`");
        }
    }

    /// <summary>Those of the languages asked for that are installed.</summary>
    private string[] FindLanguages()
    {
        if (Tesseract.Path is null)
        {
            return [];
        }

        try
        {
            ProgramOutput listed = Tesseract.Run(["--list-langs"], null, ExternalProgram.LookUp, CancellationToken.None);
            return [.. Words().Matches(listed.Text).Select(match => match.Value).Intersect(_options.OcrLanguage.Split('+'))];
        }
        catch (SkipException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"^\w+\r?$", RegexOptions.Multiline)]
    private static partial Regex Words();
}
