using System.Text;
using System.Text.RegularExpressions;

namespace Habla.Extraction;

/// <summary>Web pages. One that is no Unicode is in the encoding that it says.</summary>
internal sealed partial class HtmlReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading) =>
        reading.Add(HtmlText.Of(Decode(source.Bytes(), reading), reading.Options.MaxBytes, reading.Stop), kind, part, HtmlText.Library);

    private static string Decode(byte[] bytes, FileReading reading)
    {
        DecodedText decoded = TextDecoder.Decode(bytes);
        if (!decoded.IsFallback)
        {
            return decoded.Text;
        }

        string start = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 4096));
        if (Charset().Match(start) is { Success: true } said
            && CodePagesEncodingProvider.Instance.GetEncoding(said.Groups[1].Value) is { } named)
        {
            return TextDecoder.UnixLines(named.GetString(bytes));
        }

        reading.CountFallback();
        return decoded.Text;
    }

    [GeneratedRegex("""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();
}
