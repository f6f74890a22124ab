using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Wordprocessing;

namespace Habla.Extraction;

/// <summary>The text of a piece of a Word document: a line a paragraph, a line a row, and marks before items of a list.</summary>
internal sealed class DocxText(Numbering? numbering, long mostCharacters, CancellationToken stop)
{
    private readonly Dictionary<(int List, int Level), int> _counts = [];

    /// <summary>The text of an element and all within it.</summary>
    public string Of(OpenXmlElement? element)
    {
        var text = new StringBuilder();
        if (element is not null)
        {
            Walk(element, text);
        }

        return text.ToString().Trim('\n');
    }

    private void Walk(OpenXmlElement element, StringBuilder text)
    {
        stop.ThrowIfCancellationRequested();
        if (text.Length > mostCharacters)
        {
            throw new SkipException(SkipReason.TooLarge, $"its text has more than {mostCharacters} characters");
        }

        switch (element)
        {
            case Text run:
                text.Append(run.Text);
                break;
            case TabChar:
                text.Append('\t');
                break;
            case Break or CarriageReturn:
                text.Append('\n');
                break;
            case NoBreakHyphen:
                text.Append('-');
                break;
            case Paragraph paragraph:
                text.Append(Mark(paragraph));
                WalkWithin(paragraph, text);
                text.Append('\n');
                break;
            case TableRow row:
                text.AppendJoin('\t', row.Elements().SelectMany(Cells).Select(cell => TableReader.OneLineOf(Of(cell)))).Append('\n');
                break;

            // What was deleted with its change kept, and a second version of a drawing for old programs.
            case DeletedRun or DeletedText or AlternateContentFallback or FieldCode or DeletedFieldCode:
                break;
            default:
                WalkWithin(element, text);
                break;
        }
    }

    private void WalkWithin(OpenXmlElement element, StringBuilder text)
    {
        foreach (OpenXmlElement child in element.ChildElements)
        {
            Walk(child, text);
        }
    }

    /// <summary>A row's cells; content controls may stand around them.</summary>
    private static IEnumerable<TableCell> Cells(OpenXmlElement element) =>
        element is TableCell cell ? [cell] : element is SdtCell control ? control.Descendants<TableCell>() : [];

    private string Mark(Paragraph paragraph)
    {
        if (paragraph.ParagraphProperties?.NumberingProperties is not { NumberingId.Val.Value: var list and not 0 } properties)
        {
            return "";
        }

        int level = Math.Clamp(properties.NumberingLevelReference?.Val?.Value ?? 0, 0, 8);
        string indent = new(' ', 2 * level);
        if (Format(list, level) is not { } format || format == NumberFormatValues.Bullet || format == NumberFormatValues.None)
        {
            return indent + "- ";
        }

        int count = _counts.GetValueOrDefault((list, level)) + 1;
        _counts[(list, level)] = count;
        for (int below = level + 1; below <= 8; below++)
        {
            _counts.Remove((list, below));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{indent}{count}. ");
    }

    private NumberFormatValues? Format(int list, int level)
    {
        int? kind = numbering?.Elements<NumberingInstance>()
            .FirstOrDefault(one => one.NumberID?.Value == list)?.AbstractNumId?.Val?.Value;
        return numbering?.Elements<AbstractNum>().FirstOrDefault(one => one.AbstractNumberId?.Value == kind)?
            .Elements<Level>().FirstOrDefault(one => one.LevelIndex?.Value == level)?.NumberingFormat?.Val?.Value;
    }
}
