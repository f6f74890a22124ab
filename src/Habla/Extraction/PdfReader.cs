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

    /// <summary>A page with fewer letters may be a scan with a stamp or a Roman page number over it.</summary>
    private const int LettersOfAText = 5;

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

        // What stands behind the last form feed is no whole page.
        string[] pages = output.Text.Split('\f');
        bool isWhole = output.ExitCode == 0 && pages[^1].Length == 0;
        pages = pages[..^1];
        if (isWhole && pages.Length == 0)
        {
            throw new SkipException(SkipReason.Empty, "it has no pages");
        }

        int unseen = 0;
        for (int page = 0; page < pages.Length; page++)
        {
            unseen += ReadPage(page + 1, pages[page].Trim('\n'), kind, part, file.Path, reading) ? 0 : 1;
        }

        if (unseen > 0)
        {
            string detail = FormattableString.Invariant(
                $"{unseen} more pages are pictures and were not read: those before took longer than {reading.OcrLimit.TotalSeconds:0.###} ")
                + "seconds";
            reading.Skip(new SkippedPart(kind, part, SkipReason.TooSlow, detail, Passing: true, Count: unseen));
        }

        if (!isWhole)
        {
            throw new SkipException(SkipReason.Broken, FormattableString.Invariant(
                $"pdftotext broke off: {output.LastWords}; nothing after page {pages.Length} was read"), passing: true);
        }
    }

    /// <returns>False when the page gave nothing because pages before it took all the time there is.</returns>
    private static bool ReadPage(int number, string text, string kind, string? part, string path, FileReading reading)
    {
        string name = PartName.Within(part, FormattableString.Invariant($"page {number}"));
        if (HasTextLayer(text))
        {
            reading.Add(text, kind, name, reading.Programs.PdfToText.NameAndVersion);
            return true;
        }

        bool isLate = reading.OcrTime.Elapsed > reading.OcrLimit;
        SkipException? skip = null;
        if (!isLate)
        {
            reading.Begin(name);
            try
            {
                reading.Add(See(number, path, reading), kind, name, OcrReader.Name(reading));
                return true;
            }
            catch (SkipException unseen) when (!unseen.EndsFile)
            {
                skip = unseen;
            }
        }

        // A stamp or a page number printed over a picture.
        if (!string.IsNullOrWhiteSpace(text))
        {
            reading.Add(text, kind, name, reading.Programs.PdfToText.NameAndVersion);
            if (skip?.Reason is SkipReason.Empty or SkipReason.NotAskedFor)
            {
                return true;
            }
        }

        if (skip is not null)
        {
            reading.Skip(kind, name, skip);
        }

        return !isLate;
    }

    /// <summary>The text in a page's picture.</summary>
    /// <exception cref="SkipException">There is none, or it cannot be seen.</exception>
    private static string See(int number, string path, FileReading reading)
    {
        if (!reading.Options.Ocr)
        {
            throw new SkipException(SkipReason.NotAskedFor, "the page is a picture, and text in pictures was not asked for");
        }

        reading.Programs.RequireTesseract();
        reading.OcrTime.Start();
        try
        {
            byte[] picture = Render(number, path, reading);
            string seen = BlankPicture.IsOneGrey(picture) ? "" : OcrReader.Recognize(picture, DotsPerInch, reading).Trim('\f', '\n');
            return !string.IsNullOrWhiteSpace(seen) ? seen : throw new SkipException(
                SkipReason.Empty, "the page has no text, and none was seen in its picture");
        }
        finally
        {
            reading.OcrTime.Stop();
        }
    }

    private static bool HasTextLayer(string text)
    {
        int digits = 0, letters = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            digits += Rune.IsDigit(rune) ? 1 : 0;
            letters += Rune.IsLetter(rune) ? 1 : 0;
            if (letters >= LettersOfAText || digits >= DigitsOfATable)
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
