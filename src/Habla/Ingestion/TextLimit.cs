using System.Globalization;
using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>Keeps a text from becoming a document that is too long to be written as one line, or to be read again.</summary>
internal static class TextLimit
{
    /// <summary>The result without the texts that are longer, each of which is a line among what was skipped.</summary>
    /// <param name="result">What came of a file.</param>
    /// <param name="most">The most characters of a text, in UTF-16 units.</param>
    public static ExtractionResult Hold(ExtractionResult result, int most)
    {
        ExtractedText[] tooLong = [.. result.Texts.Where(text => text.Text.Length > most)];
        return tooLong.Length == 0 ? result : result with
        {
            Texts = [.. result.Texts.Where(text => text.Text.Length <= most)],
            Skipped = [.. result.Skipped, .. tooLong.Select(text => Skipped(text, most))],
        };
    }

    private static SkippedPart Skipped(ExtractedText text, int most) => new(
        text.Kind, text.Part, SkipReason.TooLarge, string.Create(
            CultureInfo.InvariantCulture,
            $"its text has {text.Text.Length:N0} characters, and a document may have {most:N0}: cut the file into smaller ones"));
}
