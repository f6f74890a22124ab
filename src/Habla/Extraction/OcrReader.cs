namespace Habla.Extraction;

/// <summary>Pictures of text, read by tesseract.</summary>
internal sealed class OcrReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        if (!reading.Options.Ocr)
        {
            throw new SkipException(SkipReason.NotAskedFor, "it is a picture, and text in pictures was not asked for");
        }

        // An image of several pages, as a fax is, gives each with a form feed after it.
        string[] pages = Recognize(source.Bytes(), null, reading).TrimEnd('\f', '\n').Split('\f');
        for (int page = 0; page < pages.Length; page++)
        {
            string name = FormattableString.Invariant($"page {page + 1}");
            reading.Add(pages[page].Trim('\n'), kind, pages.Length == 1 ? part : PartName.Within(part, name), Name(reading));
        }
    }

    /// <summary>What a text read by tesseract names as its extractor.</summary>
    public static string Name(FileReading reading) => $"{reading.Programs.Tesseract.NameAndVersion} {reading.Options.OcrLanguage}";

    /// <summary>The text in an image, with a form feed after each page of it.</summary>
    /// <param name="image">The image file's bytes.</param>
    /// <param name="dotsPerInch">How fine it is; null when its file says so or nobody knows.</param>
    /// <param name="reading">Has the limits.</param>
    /// <exception cref="SkipException">It cannot be read.</exception>
    public static string Recognize(byte[] image, int? dotsPerInch, FileReading reading)
    {
        reading.Programs.RequireTesseract();
        string[] fine = dotsPerInch is { } dots ? ["--dpi", FormattableString.Invariant($"{dots}")] : [];
        ProgramOutput output = reading.Programs.Tesseract.Run(
            ["stdin", "stdout", "-l", reading.Options.OcrLanguage, .. fine], image, reading.Limits, reading.Stop);
        return output.ExitCode == 0 ? output.Text : throw new SkipException(
            SkipReason.Broken, $"the picture cannot be read: {Reason(output)}", passing: output.Died);
    }

    /// <summary>The innermost complaint, which comes first: "libpng error: Read Error" and not "Error during processing".</summary>
    private static string Reason(ProgramOutput output) =>
        output.Complaints.Split('\n').FirstOrDefault(line => line.Contains("rror", StringComparison.Ordinal)) is { } first
            ? OneLine.Of(first) : output.LastWords;
}
