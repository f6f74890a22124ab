using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace Habla.Extraction;

/// <summary>Word documents: what stands above each page, the text with tables and lists, notes, and what stands below.</summary>
internal sealed class DocxReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading) => OfficeFile.Read(
        source, reading, stream => WordprocessingDocument.Open(stream, isEditable: false), document =>
    {
        MainDocumentPart main = document.MainDocumentPart ?? throw new SkipException(SkipReason.Broken, "the document has no text part");
        var text = new DocxText(main.NumberingDefinitionsPart?.Numbering, reading.Options.MaxBytes, reading.Stop);
        string[] pieces =
        [
            .. main.HeaderParts.Select(header => text.Of(header.Header)).Distinct(),
            text.Of(main.Document?.Body),
            .. (main.FootnotesPart?.Footnotes?.Elements<Footnote>() ?? []).Where(note => note.Type is null).Select(text.Of),
            .. (main.EndnotesPart?.Endnotes?.Elements<Endnote>() ?? []).Where(note => note.Type is null).Select(text.Of),
            .. main.FooterParts.Select(footer => text.Of(footer.Footer)).Distinct(),
        ];
        reading.Add(string.Join("\n\n", pieces.Where(piece => !string.IsNullOrWhiteSpace(piece))), kind, part, OfficeFile.Library);
    });
}
