using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using Drawing = DocumentFormat.OpenXml.Drawing;

namespace Habla.Extraction;

/// <summary>Presentations: a part a slide, in the order in which they are shown, each with the speaker's notes below it.</summary>
internal sealed class PptxReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading) => OfficeFile.Read(
        source, reading, stream => PresentationDocument.Open(stream, isEditable: false), document =>
    {
        PresentationPart show = document.PresentationPart
            ?? throw new SkipException(SkipReason.Broken, "the presentation has no slides part");
        int number = 0;
        foreach (SlideId slide in show.Presentation?.SlideIdList?.Elements<SlideId>() ?? [])
        {
            string name = PartName.Within(part, FormattableString.Invariant($"slide {++number}"));
            reading.Begin(name);
            if (slide.RelationshipId?.Value is { } id
                && show.Parts.FirstOrDefault(one => one.RelationshipId == id)?.OpenXmlPart is SlidePart found)
            {
                string notes = Text(found.NotesSlidePart?.NotesSlide, isNotes: true);
                reading.Add(
                    notes.Length == 0 ? Text(found.Slide, isNotes: false)
                        : $"{Text(found.Slide, isNotes: false)}\n\n{notes}".TrimStart('\n'),
                    kind, name, OfficeFile.Library);
            }
            else
            {
                reading.Skip(kind, name, SkipReason.Broken, "the slide is missing");
            }
        }

        if (number == 0)
        {
            throw new SkipException(SkipReason.Empty, "the presentation has no slides");
        }
    });

    private static string Text(OpenXmlElement? slide, bool isNotes)
    {
        var text = new StringBuilder();
        Walk(slide, text, isNotes);
        return text.ToString().Trim('\n');
    }

    private static void Walk(OpenXmlElement? element, StringBuilder text, bool isNotes)
    {
        switch (element)
        {
            case null or AlternateContentFallback:
                break;

            // Numbers, dates and footers are the same on every slide, and a page of notes holds a picture of its slide.
            case Shape shape when IsFurniture(shape, isNotes):
                break;
            case Drawing.Paragraph paragraph:
                text.Append(Line(paragraph)).Append('\n');
                break;
            case Drawing.TableRow row:
                text.AppendJoin('\t', row.Elements<Drawing.TableCell>().Select(cell =>
                    string.Join(' ', cell.Descendants<Drawing.Paragraph>().Select(Line)))).Append('\n');
                break;
            default:
                foreach (OpenXmlElement child in element.ChildElements)
                {
                    Walk(child, text, isNotes);
                }

                break;
        }
    }

    private static string Line(Drawing.Paragraph paragraph) => string.Concat(paragraph.Descendants().Select(piece => piece switch
    {
        Drawing.Text run => run.Text,
        Drawing.Break => "\n",
        _ => "",
    }));

    private static bool IsFurniture(Shape shape, bool isNotes)
    {
        PlaceholderValues? type = shape.NonVisualShapeProperties?.ApplicationNonVisualDrawingProperties?.PlaceholderShape?.Type?.Value;
        return type is PlaceholderValues.SlideNumber or PlaceholderValues.DateAndTime or PlaceholderValues.Footer
            or PlaceholderValues.Header
            || (isNotes && type is PlaceholderValues.SlideImage);
    }
}
