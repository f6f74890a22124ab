using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Wordprocessing;
using Habla.Extraction;
using Draw = DocumentFormat.OpenXml.Drawing;
using Word = DocumentFormat.OpenXml.Wordprocessing;

namespace Habla.Tests.Extraction;

/// <summary>Office documents, written by the library that Microsoft keeps for it.</summary>
public sealed class OfficeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_word_document_gives_headers_text_tables_lists_and_notes()
    {
        using (var document = WordprocessingDocument.Create(_folder.In("a.docx"), WordprocessingDocumentType.Document))
        {
            MainDocumentPart main = document.AddMainDocumentPart();
            main.AddNewPart<HeaderPart>().Header = new Word.Header(Line("On each page"));
            main.AddNewPart<FootnotesPart>().Footnotes = new Footnotes(
                new Footnote(Line("line between")) { Id = -1, Type = FootnoteEndnoteValues.Separator },
                new Footnote(Line("A note.")) { Id = 1 });
            main.AddNewPart<NumberingDefinitionsPart>().Numbering = new Numbering(
                new AbstractNum(new Level(new Word.NumberingFormat { Val = NumberFormatValues.Decimal }) { LevelIndex = 0 })
                { AbstractNumberId = 7 },
                new AbstractNum(new Level(new Word.NumberingFormat { Val = NumberFormatValues.Bullet }) { LevelIndex = 1 })
                { AbstractNumberId = 8 },
                new NumberingInstance(new AbstractNumId { Val = 7 }) { NumberID = 1 },
                new NumberingInstance(new AbstractNumId { Val = 8 }) { NumberID = 2 });
            main.Document = new Document(new Body(
                Line("Title"),
                new Paragraph(
                    new Word.Run(new Word.Text("One ") { Space = SpaceProcessingModeValues.Preserve }),
                    new Word.Hyperlink(new Word.Run(new Word.Text("link"))),
                    new DeletedRun(new Word.Run(new DeletedText("gone"))), new InsertedRun(new Word.Run(new Word.Text(", added"))),
                    new Word.Run(new TabChar(), new Word.Text("tab"), new Word.Break(), new Word.Text("below"))),
                Item("first", 1, 0), Item("second", 1, 0), Item("inner", 2, 1),
                new Word.Table(
                    new TableRow(new TableCell(Line("a")), new TableCell(Line("b"))),
                    new TableRow(new TableCell(Line("1"), Line("2")), new TableCell(Line("")))),
                Line("The end ñ")));
        }

        ExtractionResult result = Extracted.From(_folder.In("a.docx"));
        ExtractedText text = Assert.Single(result.Texts);
        Assert.Equal(
            "On each page\n\nTitle\nOne link, added\ttab\nbelow\n1. first\n2. second\n  - inner\na\tb\n1 2\t\nThe end ñ\n\nA note.",
            text.Text);
        Assert.Equal(("docx", "OpenXml 2.20.0"), (result.Kind, text.Extractor));
        File.Copy(_folder.In("a.docx"), _folder.In("lies.zip"));
        Assert.Equal("docx", Extracted.From(_folder.In("lies.zip")).Kind);
    }

    [Fact]
    public void Each_slide_is_a_part_with_its_notes()
    {
        using (var document = PresentationDocument.Create(_folder.In("a.pptx"), PresentationDocumentType.Presentation))
        {
            PresentationPart show = document.AddPresentationPart();
            SlidePart one = show.AddNewPart<SlidePart>("s1"), two = show.AddNewPart<SlidePart>("s2");
            one.Slide = new Slide(Tree(Box("Hello"), Box("7", PlaceholderValues.SlideNumber)));
            one.AddNewPart<NotesSlidePart>().NotesSlide = new NotesSlide(Tree(Box("Say it slowly.")));
            two.Slide = new Slide(Tree(Box("Second\u00a0one")));
            show.Presentation = new Presentation(new SlideIdList(
                new SlideId { Id = 256, RelationshipId = "s2" }, new SlideId { Id = 257, RelationshipId = "s1" }));
        }

        ExtractionResult result = Extracted.From(_folder.In("a.pptx"));
        Assert.Equal("pptx", result.Kind);
        Assert.Equal([("slide 1", "Second\u00a0one"), ("slide 2", "Hello\n\nSay it slowly.")],
            result.Texts.Select(text => (text.Part, text.Text)));
    }

    [Fact]
    public void Each_sheet_is_a_part_and_shows_what_excel_shows()
    {
        using (var document = SpreadsheetDocument.Create(_folder.In("a.xlsx"), SpreadsheetDocumentType.Workbook))
        {
            WorkbookPart book = document.AddWorkbookPart();
            book.AddNewPart<SharedStringTablePart>().SharedStringTable = new SharedStringTable(
                new SharedStringItem(new DocumentFormat.OpenXml.Spreadsheet.Text("shared")),
                new SharedStringItem(new DocumentFormat.OpenXml.Spreadsheet.Run(new DocumentFormat.OpenXml.Spreadsheet.Text("ri")),
                    new DocumentFormat.OpenXml.Spreadsheet.Run(new DocumentFormat.OpenXml.Spreadsheet.Text("ch"))));
            book.AddNewPart<WorkbookStylesPart>().Stylesheet = new Stylesheet(
                new NumberingFormats(
                    new DocumentFormat.OpenXml.Spreadsheet.NumberingFormat { NumberFormatId = 164, FormatCode = "dd\\/mm\\/yyyy hh:mm" },
                    new DocumentFormat.OpenXml.Spreadsheet.NumberingFormat { NumberFormatId = 165, FormatCode = "[Red]0.00\" days\"" }),
                new DocumentFormat.OpenXml.Spreadsheet.CellFormats(
                    new CellFormat(), new CellFormat { NumberFormatId = 14 }, new CellFormat { NumberFormatId = 164 },
                    new CellFormat { NumberFormatId = 10 }, new CellFormat { NumberFormatId = 165 },
                    new CellFormat { NumberFormatId = 18 }));
            WorksheetPart one = book.AddNewPart<WorksheetPart>("r1"), two = book.AddNewPart<WorksheetPart>("r2");
            one.Worksheet = new Worksheet(new SheetData(
                new Row(Cell("A1", "0", CellValues.SharedString), Cell("C1", "1", CellValues.SharedString)),
                new Row(Cell("A2", "45356", style: 1), Cell("B2", "45356.604166666664", style: 2), Cell("C2", "0.125", style: 3)),
                new Row(Cell("A3", "0.1"), Cell("B3", "1", CellValues.Boolean), Cell("C3", "2.5", style: 4), Cell("D3", "0.75", style: 5)),
                new Row(new Cell(new InlineString(new DocumentFormat.OpenXml.Spreadsheet.Text("in\nline")))
                { DataType = CellValues.InlineString })));
            two.Worksheet = new Worksheet(new SheetData());
            book.Workbook = new Workbook(new Sheets(
                new Sheet { Name = "Verbs", SheetId = 1, Id = "r1" }, new Sheet { Name = "None", SheetId = 2, Id = "r2" }));
        }

        ExtractionResult result = Extracted.From(_folder.In("a.xlsx"));
        ExtractedText text = Assert.Single(result.Texts);
        Assert.Equal(("xlsx", "sheet Verbs"), (result.Kind, text.Part));
        Assert.Equal("shared\t\trich\n2024-03-05\t05/03/2024 14:30\t12.50%\n0.1\tTRUE\t2.5\t6:00 PM\nin line", text.Text);
        Assert.Equal(("sheet None", SkipReason.Empty), Extracted.Only(result.Skipped));
    }

    [Fact]
    public void Broken_locked_and_swollen_documents_say_so()
    {
        byte[] broken = Zipped.Bytes(
            ("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"u8.ToArray()),
            ("word/document.xml", "<w"u8.ToArray()));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("broken.docx"), broken));
        byte[] locked = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, .. new byte[600],
            .. "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8];
        Assert.Equal(SkipReason.Encrypted, Extracted.Reason(_folder.In("locked.xlsx"), locked));
        byte[] swollen = Zipped.Bytes(("[Content_Types].xml", []), ("xl/workbook.xml", []), ("xl/a.xml", new byte[10 << 20]));
        Assert.Equal(SkipReason.TooLarge, Extracted.Reason(_folder.In("swollen.xlsx"), swollen));
    }

    private static Paragraph Line(string text) => new(new Word.Run(new Word.Text(text)));

    private static Paragraph Item(string text, int list, int level) => new(
        new ParagraphProperties(new NumberingProperties(new NumberingLevelReference { Val = level }, new NumberingId { Val = list })),
        new Word.Run(new Word.Text(text)));

    private static CommonSlideData Tree(params OpenXmlElement[] shapes) => new(new ShapeTree(shapes));

    private static Shape Box(string text, PlaceholderValues? placeholder = null) => new(
        new NonVisualShapeProperties(new ApplicationNonVisualDrawingProperties(
            placeholder is { } type ? [new PlaceholderShape { Type = type }] : Array.Empty<OpenXmlElement>())),
        new TextBody(new Draw.BodyProperties(), new Draw.Paragraph(new Draw.Run(new Draw.Text(text)))));

    private static Cell Cell(string place, string value, CellValues? type = null, uint style = 0) => new(new CellValue(value))
    {
        CellReference = place, StyleIndex = style, DataType = type is { } known ? new EnumValue<CellValues>(known) : null,
    };
}
