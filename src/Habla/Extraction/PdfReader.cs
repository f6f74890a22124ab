using System.Text;

namespace Habla.Extraction;

/// <summary>
/// PDF, page by page: poppler gives the text in reading order, and a page that has none is a scan, which is rendered and read as a picture.
/// </summary>
internal sealed class PdfReader : IKindReader
{
    private const int DotsPerInch = 300;

    /// <summary>A page with this many digits is a table, and no scan with a page number printed over it.</summary>
    private const int DigitsOfATable = 20;

    private static readonly string[] s_wordsOfEncryption = ["password", "not allowed", "security handler", "encrypt"];

    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        if (!reading.Options.Pdf)
        {
            throw new SkipException(SkipReason.NotAskedFor, "it is a PDF file, and those were not asked for");
        }

        using var file = new FileOnDisk(source);
        ExternalProgram program = reading.Programs.PdfToText;
        ProgramOutput output = program.Run(["-q", "-enc", "UTF-8", file.Path, "-"], null, reading.Limits, reading.Stop);
        if (output.ExitCode != 0 && output.Bytes.Length == 0)
        {
            throw Refused(program.Run(["-enc", "UTF-8", file.Path, "-"], null, reading.Limits, reading.Stop));
        }

        string[] pages = output.Text.Split('\f')[..^1];
        if (pages.Length == 0)
        {
            throw new SkipException(SkipReason.Empty, "it has no pages");
        }

        for (int page = 0; page < pages.Length; page++)
        {
            ReadPage(page + 1, pages[page].Trim('\n'), kind, part, file.Path, reading);
        }
    }

    private static void ReadPage(int number, string text, string kind, string? part, string path, FileReading reading)
    {
        string name = PartName.Within(part, FormattableString.Invariant($"page {number}"));
        if (HasTextLayer(text))
        {
            reading.Add(text, kind, name, reading.Programs.PdfToText.NameAndVersion);
            return;
        }

        reading.Begin(name);
        try
        {
            if (!reading.Options.Ocr)
            {
                throw new SkipException(SkipReason.NotAskedFor, "the page is a picture, and text in pictures was not asked for");
            }

            reading.Programs.RequireTesseract();
            string seen = OcrReader.Recognize(Render(number, path, reading), DotsPerInch, reading).Trim('\f', '\n');
            if (!string.IsNullOrWhiteSpace(seen))
            {
                reading.Add(seen, kind, name, OcrReader.Name(reading));
                return;
            }

            throw new SkipException(SkipReason.Empty, "the page has no text, and none was seen in its picture");
        }
        catch (SkipException skip) when (!skip.EndsFile)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                reading.Skip(kind, name, skip);
            }
            else
            {
                reading.Add(text, kind, name, reading.Programs.PdfToText.NameAndVersion);
            }
        }
    }

    private static bool HasTextLayer(string text)
    {
        int digits = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            digits += Rune.IsDigit(rune) ? 1 : 0;
            if (Rune.IsLetter(rune) || digits >= DigitsOfATable)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Render(int number, string path, FileReading reading)
    {
        string page = FormattableString.Invariant($"{number}"), fine = FormattableString.Invariant($"{DotsPerInch}");
        ProgramLimits limits = reading.Limits with { OutputBytes = Math.Max(reading.Limits.OutputBytes, 64 << 20) };
        ProgramOutput output = reading.Programs.PdfToPpm.Run(
            ["-q", "-r", fine, "-gray", "-png", "-f", page, "-l", page, "-singlefile", path], null, limits, reading.Stop);
        return output.ExitCode == 0 && output.Bytes.Length > 0 ? output.Bytes : throw new SkipException(
            SkipReason.Broken, $"the page cannot be rendered: {output.LastWords}", passing: output.Died);
    }

    /// <summary>Why there is no text; asked for again without -q, which silences reasons too.</summary>
    private static SkipException Refused(ProgramOutput output)
    {
        bool isEncrypted = s_wordsOfEncryption.Any(word => output.Complaints.Contains(word, StringComparison.OrdinalIgnoreCase));
        return isEncrypted
            ? new SkipException(SkipReason.Encrypted, "the PDF file needs a password")
            : new SkipException(SkipReason.Broken, $"the PDF file cannot be read: {output.LastWords}", passing: output.Died);
    }
}
