using System.Text.Json;
using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>Counts what comes of files, kind by kind, and lists what does not become a document.</summary>
internal sealed class IngestCounts
{
    private readonly SortedDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
    private readonly List<SkippedSource> _skipped = [];
    private readonly List<DuplicateDocument> _duplicates = [];
    private readonly List<Latin1Source> _latin1 = [];

    public int Files { get; private set; }

    public long Documents { get; private set; }

    public long Characters { get; private set; }

    public void AddFile(string source, ExtractionResult result)
    {
        Files++;
        Of(result.Kind).Files++;
        if (result.Latin1Fallbacks > 0)
        {
            _latin1.Add(new Latin1Source(source, result.Latin1Fallbacks));
        }
    }

    public void AddDocument(string kind, long characters)
    {
        Documents++;
        Characters += characters;
        Kind counts = Of(kind);
        counts.Documents++;
        counts.Characters += characters;
    }

    public void AddSkipped(SkippedSource skipped)
    {
        _skipped.Add(skipped);
        Count(skipped.Kind, skipped.Reason, skipped.Count);
    }

    public void AddDuplicate(DuplicateDocument duplicate)
    {
        _duplicates.Add(duplicate);
        Count(duplicate.Kind, duplicate.Reason, 1);
    }

    public IngestReport Report(IngestOptions options, string extractor, LeftOut leftOut) => new()
    {
        Files = Files,
        Documents = Documents,
        Characters = Characters,
        Kinds =
        [
            .. _kinds.Select(kind =>
                new KindReport(kind.Key, kind.Value.Files, kind.Value.Documents, kind.Value.Characters, Named(kind.Value.Skipped))),
        ],
        SkippedBy = Named(_kinds.Values.SelectMany(kind => kind.Skipped)),
        LeftOut = leftOut,
        Latin1Fallbacks = _latin1.Sum(source => source.Texts),
        ReadAsLatin1 = _latin1,
        Options = new ReportedOptions(
            options.Include, options.Exclude, options.MaxFiles, options.MinCharacters, options.NearDuplicates, options.Extraction),
        Extractor = extractor,
        Skipped = _skipped,
        Duplicates = _duplicates,
    };

    private static SortedDictionary<string, int> Named(IEnumerable<KeyValuePair<SkipReason, int>> counts)
    {
        var named = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((SkipReason reason, int count) in counts)
        {
            string name = JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
            named[name] = named.GetValueOrDefault(name) + count;
        }

        return named;
    }

    private void Count(string kind, SkipReason reason, int count)
    {
        Dictionary<SkipReason, int> skipped = Of(kind).Skipped;
        skipped[reason] = skipped.GetValueOrDefault(reason) + count;
    }

    private Kind Of(string name) => _kinds.TryGetValue(name, out Kind? kind) ? kind : _kinds[name] = new Kind();

    private sealed class Kind
    {
        public int Files { get; set; }

        public long Documents { get; set; }

        public long Characters { get; set; }

        public Dictionary<SkipReason, int> Skipped { get; } = [];
    }
}
