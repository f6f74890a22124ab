using System.Text;
using Habla.Extraction;

namespace Habla.Cli.Commands;

/// <summary>TEMPORARY: reads UTF-8 text only, until the library's extractors are here; then this file goes.</summary>
internal sealed class PlainTextReader(ExtractionOptions options) : IFileExtractor
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Identity => $"plain text 1, at most {options.MaxBytes} bytes";

    public ExtractionResult Extract(string path, CancellationToken stop)
    {
        if (new FileInfo(path).Length > options.MaxBytes)
        {
            return Skipped(SkipReason.TooLarge, "larger than --max-bytes");
        }

        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0)
        {
            return Skipped(SkipReason.Empty, "it has no bytes");
        }

        try
        {
            string text = _strict.GetString(bytes).ReplaceLineEndings("\n");
            return text.Contains('\0')
                ? Skipped(SkipReason.UnknownKind, "it is no text")
                : new ExtractionResult("text", [new ExtractedText(text, "text", null, "plain text 1")], []);
        }
        catch (DecoderFallbackException)
        {
            return Skipped(SkipReason.UnknownKind, "it is no UTF-8 text");
        }
    }

    private static ExtractionResult Skipped(SkipReason reason, string why) =>
        new("text", [], [new SkippedPart("text", null, reason, why)]);
}
