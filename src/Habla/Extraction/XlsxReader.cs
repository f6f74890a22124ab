using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace Habla.Extraction;

/// <summary>Workbooks: a part a sheet, a line a row, a tab between cells; numbers and dates as the sheet shows them.</summary>
internal sealed class XlsxReader : IKindReader
{
    /// <summary>A sheet's last column. A row may name any column, and so many tabs stand before it.</summary>
    private const int MostColumns = 16384;

    public void Read(SourceContent source, string kind, string? part, FileReading reading) => OfficeFile.Read(
        source, reading, stream => SpreadsheetDocument.Open(stream, isEditable: false), document =>
    {
        WorkbookPart book = document.WorkbookPart ?? throw new SkipException(SkipReason.Broken, "the workbook has no sheets part");
        string[] shared = [.. (book.SharedStringTablePart?.SharedStringTable?.Elements<SharedStringItem>() ?? []).Select(Plain)];
        var formats = new CellFormats(book.WorkbookStylesPart?.Stylesheet, book.Workbook?.WorkbookProperties?.Date1904?.Value == true);
        int sheets = 0;
        foreach (Sheet sheet in book.Workbook?.Sheets?.Elements<Sheet>() ?? [])
        {
            sheets++;
            string name = PartName.Within(part, $"sheet {OneLine.Of(sheet.Name?.Value ?? "")}");
            reading.Begin(name);
            if (sheet.Id?.Value is { } id && book.Parts.FirstOrDefault(one => one.RelationshipId == id)?.OpenXmlPart is { } found)
            {
                reading.Add(found is WorksheetPart rows ? Rows(rows, shared, formats, reading) : "", kind, name, OfficeFile.Library);
            }
            else
            {
                reading.Skip(kind, name, SkipReason.Broken, "the sheet is missing");
            }
        }

        if (sheets == 0)
        {
            throw new SkipException(SkipReason.Empty, "the workbook has no sheets");
        }
    });

    /// <summary>Row by row: a large sheet is never in memory as a tree.</summary>
    private static string Rows(WorksheetPart sheet, string[] shared, CellFormats formats, FileReading reading)
    {
        var text = new StringBuilder();
        using var xml = OpenXmlReader.Create(sheet);
        while (xml.Read())
        {
            if (xml.ElementType != typeof(Row) || !xml.IsStartElement)
            {
                continue;
            }

            reading.Stop.ThrowIfCancellationRequested();
            int column = 0;
            foreach (Cell cell in ((Row)xml.LoadCurrentElement()!).Elements<Cell>())
            {
                string shown = TableReader.OneLineOf(Shown(cell, shared, formats));
                int place = Math.Clamp(Column(cell.CellReference?.Value) ?? column, column, MostColumns);
                if (shown.Length > 0)
                {
                    text.Append('\t', place - column).Append(shown);
                    column = place;
                }
            }

            text.Append('\n');
            if (text.Length > reading.Options.MaxBytes)
            {
                throw new SkipException(SkipReason.TooLarge, $"its text has more than {reading.Options.MaxBytes} characters");
            }
        }

        return text.ToString().Trim('\n');
    }

    private static string Shown(Cell cell, string[] shared, CellFormats formats)
    {
        if (cell.InlineString is { } inline)
        {
            return Plain(inline);
        }

        string value = cell.CellValue?.Text ?? "";
        return cell.DataType?.Value switch
        {
            CellValues.SharedString => int.TryParse(value, out int index) && index >= 0 && index < shared.Length ? shared[index] : "",
            CellValues.Boolean => value == "1" ? "TRUE" : "FALSE",
            CellValues.String or CellValues.Error or CellValues.Date => value,
            _ => formats.Show(value, cell.StyleIndex?.Value),
        };
    }

    /// <summary>A text and its runs, without the reading aids that stand above Japanese.</summary>
    private static string Plain(OpenXmlElement text) => TextDecoder.UnixLines(string.Concat(
        text.Descendants<Text>().Where(piece => piece.Parent is not PhoneticRun).Select(piece => piece.Text)));

    /// <summary>The column that a cell's name says, counted from 0: C7 is 2.</summary>
    private static int? Column(string? reference)
    {
        int column = 0;
        foreach (char letter in (reference ?? "").TakeWhile(char.IsAsciiLetter).Take(3))
        {
            column = (column * 26) + (char.ToUpperInvariant(letter) - 'A' + 1);
        }

        return column == 0 ? null : column - 1;
    }
}
