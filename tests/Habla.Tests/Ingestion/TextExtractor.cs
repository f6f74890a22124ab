using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Ingestion;

/// <summary>
/// Reads plain text for the tests of what happens around an extractor: a file whose name ends in .pages has a text a line; one that
/// ends in .bad is broken, in .slow too slow, in .missing needs a program; of .many 41 parts are one
/// line, of .dead the reader dies, and .odd and .memory throw what no extractor should.
/// </summary>
internal sealed class TextExtractor(string identity = "text 1", Action<string>? onRead = null, Action<string>? afterRead = null)
    : IFileExtractor
{
    private readonly Lock _lock = new();
    private readonly List<string> _read = [];

    public string Identity => identity;

    /// <summary>The names of the files that were read.</summary>
    public string[] Read => [.. _read.Order(StringComparer.Ordinal)];

    public ExtractionResult Extract(string path, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        onRead?.Invoke(path);
        lock (_lock)
        {
            _read.Add(Path.GetFileName(path));
        }

        string text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        afterRead?.Invoke(path);
        return Path.GetExtension(path) switch
        {
            ".pages" => new ExtractionResult(
                "pages", [.. text.Split('\n').Select((line, i) => new ExtractedText(line, "text", $"page {i % 3}", identity))], []),
            ".many" => new ExtractionResult(
                "many", [], [new SkippedPart("many", "other records", SkipReason.Empty, "41 more gave no text", Count: 41)]),
            ".bad" => Skipped("bad", SkipReason.Broken, "it breaks off"),
            ".slow" => Skipped("slow", SkipReason.TooSlow, "it took too long", passing: true),
            ".dead" => Skipped("dead", SkipReason.Broken, "what reads it broke down: it died", passing: true),
            ".missing" => Skipped("missing", SkipReason.ProgramMissing, "the program is not installed", passing: true),
            ".memory" => throw new InsufficientMemoryException(),
            ".odd" => throw new FormatException("odd\nnews"),
            _ => new ExtractionResult("text", [new ExtractedText(text, "text", null, identity)], [], text.Contains('ÿ') ? 1 : 0),
        };
    }

    private static ExtractionResult Skipped(string kind, SkipReason reason, string why, bool passing = false) =>
        new(kind, [], [new SkippedPart(kind, null, reason, why, passing)]);
}
