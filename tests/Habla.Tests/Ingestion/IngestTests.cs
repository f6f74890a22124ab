using Habla.Extraction;
using Habla.Ingestion;
using Habla.Storage;

namespace Habla.Tests.Ingestion;

public sealed class IngestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _writes;

    public IngestTests() => Directory.CreateDirectory(_folder.In("in"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_document_knows_where_it_comes_from()
    {
        Write("notes/a.txt", "Hello there, é 🙂.");
        Write("b.pages", "the first page here\nthe second page is this\nthe third page follows\nthe fourth, named as the first");

        IngestOutcome outcome = Run();

        Document[] documents = Documents();
        Assert.Equal(["b.pages", "b.pages", "b.pages", "b.pages", "notes/a.txt"], documents.Select(document => document.Source));
        Assert.Equal(["page 0", "page 1", "page 2", "page 0", null], documents.Select(document => document.Part));
        Assert.Equal(5, documents.Select(document => document.Id).Distinct().Count());
        Assert.Equal(ContentHash.OfText("notes/a.txt\0")[..16], documents[4].Id);
        Assert.Equal(ContentHash.OfFile(_folder.In("in/notes/a.txt")), documents[4].Sha256);
        Assert.Equal((17, "text", "text 1"), (documents[4].Characters, documents[4].Kind, documents[4].Extractor));
        Assert.Equal((2, 5), (outcome.Report.Files, outcome.Report.Documents));
        Assert.Equal(["pages 1 0", "text 1 5"], outcome.Report.Kinds.Select(kind => $"{kind.Kind} {kind.Files} {kind.Documents}"));
        Assert.Equal(documents.Sum(document => document.Characters), outcome.Report.Characters);
    }

    [Fact]
    public void Everything_that_gave_no_document_is_listed_with_its_reason()
    {
        Write("a.txt", "long enough to stay");
        Write("b.txt", "short");
        Write("c.txt", "   \n  white  \n\n      ");
        Write("d.bad", "x");
        Write("e.odd", "x");
        Write("f.slow", "x");
        Write("g.txt", "long enough to stay  \n\n");
        Write("h.txt", "read as Latin-1: ÿÿÿ");
        File.CreateSymbolicLink(_folder.In("in/i"), "a.txt");

        IngestReport report = Run().Report;

        Assert.Equal(
            ["i symbolic_link", "b.txt too_short", "c.txt too_short", "d.bad broken", "e.odd broken", "f.slow too_slow"],
            report.Skipped.Select(skipped => $"{skipped.Source} {Snake(skipped.Reason)}"));
        DuplicateDocument duplicate = Assert.Single(report.Duplicates);
        Assert.Equal(("g.txt", "a.txt", Documents()[0].Id, 1.0), (duplicate.Source, duplicate.OfSource, duplicate.Of, duplicate.Similarity));
        Assert.DoesNotContain('\n', report.Skipped[4].Detail);
        Assert.Equal(
            ["broken 2", "duplicate 1", "symbolic_link 1", "too_short 2", "too_slow 1"],
            report.SkippedBy.Select(pair => $"{pair.Key} {pair.Value}"));
        Assert.Equal(1, report.Latin1Fallbacks);
        Assert.Equal(1, Assert.Single(report.ReadAsLatin1).Texts);
        Assert.Equal(["a.txt", "h.txt"], Documents().Select(document => document.Source));
        IngestReport written = IngestReport.Read(_folder.In("out/ingest_report.json"));
        Assert.Equal((report.Files, report.Skipped.Count), (written.Files, written.Skipped.Count));
    }

    [Fact]
    public void A_line_that_stands_for_several_parts_counts_as_many()
    {
        Write("a.many", "x");

        IngestReport report = Run().Report;

        Assert.Equal(41, report.SkippedBy["empty"]);
        Assert.Equal(41, Assert.Single(report.Kinds).Skipped["empty"]);
        Assert.Equal(41, Assert.Single(IngestReport.Read(_folder.In("out/ingest_report.json")).Skipped).Count);
    }

    [Fact]
    public void Almost_the_same_text_is_dropped_unless_asked_to_stay()
    {
        string[] words = [.. Enumerable.Range(0, 300).Select(i => $"word{i * 7919 % 1000}")];
        Write("a.txt", string.Join(' ', words));
        Write("b.txt", string.Join(' ', words.Select((word, i) => i == 150 ? "changed" : word)));
        Write("c.txt", string.Join(' ', words.Select((word, i) => i % 5 == 0 ? "changed" : word)));

        IngestReport report = Run().Report;

        DuplicateDocument near = Assert.Single(report.Duplicates);
        Assert.Equal(("b.txt", "a.txt", SkipReason.NearDuplicate), (near.Source, near.OfSource, near.Reason));
        Assert.InRange(near.Similarity, 0.8, 0.999);
        Assert.Equal(["a.txt", "c.txt"], Documents().Select(document => document.Source));
        Run(options => options with { NearDuplicates = 0 });
        Assert.Equal(3, Documents().Length);
    }

    [Fact]
    public void Any_number_of_threads_writes_the_same_bytes()
    {
        for (int i = 0; i < 300; i++)
        {
            Write($"d{i % 7}/{i}.txt", $"text {i % 250} {string.Join(' ', Enumerable.Range(i % 200, 40))}");
        }

        byte[][] all = [.. new[] { 1, 2, 7 }.Select(threads =>
        {
            Clear();
            Run(options => options with { Threads = threads });
            return Bytes();
        })];

        Assert.Equal(all[0], all[1]);
        Assert.Equal(all[0], all[2]);
        Assert.NotEmpty(IngestReport.Read(_folder.In("out/ingest_report.json")).Duplicates);
    }

    [Fact]
    public void A_second_run_reads_only_what_changed_and_writes_what_a_first_one_would()
    {
        for (int i = 0; i < 5; i++)
        {
            Write($"{i}.txt", $"the text of number {i}");
        }

        Write("bad.bad", "x");
        Write("slow.slow", "x");
        Run();
        byte[] before = Bytes();
        var again = new TextExtractor();

        IngestOutcome outcome = Run(extractor: again);

        Assert.Equal(["slow.slow"], again.Read); // another moment may give it more time
        Assert.Equal(6, outcome.Reused);
        Assert.Equal(before, Bytes());

        Write("1.txt", "another text of number 1");
        Write("2.txt", "the text of number 9"); // as long as before
        File.Delete(_folder.In("in/3.txt"));
        Write("new.txt", "this one is new");
        File.SetLastWriteTimeUtc(_folder.In("in/4.txt"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)); // touched, the same bytes
        var changed = new TextExtractor();

        Run(extractor: changed);

        Assert.Equal(["1.txt", "2.txt", "new.txt", "slow.slow"], changed.Read);
        byte[] resumed = Bytes();
        Clear();
        Run();
        Assert.Equal(Bytes(), resumed);
    }

    [Fact]
    public void A_file_that_changed_while_its_time_stood_still_is_read_again()
    {
        var now = DateTime.UnixEpoch.AddDays(20_000);
        Write("a.txt", "the first text of it", now);
        Run(time: new FixedTime(now.AddMilliseconds(10)));
        Write("a.txt", "the other text of it", now);

        IngestOutcome outcome = Run(time: new FixedTime(now.AddHours(1)));

        Assert.Equal(0, outcome.Reused);
        Assert.Equal("the other text of it", Assert.Single(Documents()).Text);
    }

    [Fact]
    public void Another_extractor_reads_everything_again()
    {
        Write("a.txt", "the text of a file");
        Run();
        var other = new TextExtractor("text 2");

        Run(extractor: other);

        Assert.Equal(["a.txt"], other.Read);
        Assert.Equal("text 2", Assert.Single(Documents()).Extractor);
    }

    [Fact]
    public void What_was_read_before_a_stop_is_not_read_again()
    {
        for (int i = 0; i < 50; i++)
        {
            Write($"{i:00}.txt", $"the text of number {i}");
        }

        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Ingest.Run(
            Options(), new TextExtractor(), progress => Cancel(stop, progress.Files == 20), stop: stop.Token));
        Assert.Equal([IngestCache.Name], Directory.GetFiles(_folder.In("out")).Select(Path.GetFileName));

        IngestOutcome outcome = Run();

        Assert.InRange(outcome.Reused, 20, 49);
        Assert.Equal(50, Documents().Length);
    }

    [Theory]
    [InlineData("{\"path\":\"half a line")]
    [InlineData("\0\0\0\0\0\0\n\0\0\n")]
    [InlineData("{\"path\":\"x\"}\n")]
    public void A_damaged_end_of_the_cache_costs_nothing_but_time(string end)
    {
        Write("a.txt", "the text of one");
        Write("b.txt", "the text of two");
        Run();
        byte[] before = Bytes();
        File.AppendAllText(_folder.In("out/ingest_cache.jsonl"), end);

        Assert.Equal(2, Run().Reused);
        Assert.Equal(before, Bytes());
        Assert.Equal(2, File.ReadAllLines(_folder.In("out/ingest_cache.jsonl")).Length);
    }

    [Fact]
    public void The_cache_does_not_grow_with_every_run()
    {
        string text = string.Concat(Enumerable.Repeat("abcdefghij ", 60_000));
        for (int i = 0; i < 8; i++)
        {
            Write("a.txt", $"{i} {text}");
            Run();
        }

        Assert.InRange(new FileInfo(_folder.In("out/ingest_cache.jsonl")).Length, text.Length, 4 * text.Length);
        Assert.Equal(1, Run().Reused);
    }

    [Fact]
    public void The_cache_does_not_keep_deleted_files_for_ever()
    {
        Write("a.txt", "a short text that stays");
        Write("b.txt", "gone soon: " + string.Concat(Enumerable.Repeat("abcdefghij ", 200_000)));
        Run();
        File.Delete(_folder.In("in/b.txt"));

        Assert.Equal(1, Run().Reused);

        Assert.DoesNotContain("gone soon", File.ReadAllText(_folder.In("out/ingest_cache.jsonl")), StringComparison.Ordinal);
        Assert.Equal(1, Run().Reused);
    }

    [Fact]
    public void A_file_that_is_gone_when_its_turn_comes_is_a_line()
    {
        Write("a.txt", "the text of one");
        Write("b.txt", "the text of two");
        var extractor = new TextExtractor(onRead: path => File.Delete(path.Replace("a.txt", "b.txt", StringComparison.Ordinal)));

        IngestReport report = Run(options => options with { Threads = 1 }, extractor).Report;

        Assert.Equal("a.txt", Assert.Single(Documents()).Source);
        Assert.Equal(("b.txt", SkipReason.Unreadable), (Assert.Single(report.Skipped).Source, report.Skipped[0].Reason));
    }

    [Fact]
    public void Two_runs_into_one_folder_do_not_meet()
    {
        Write("a.txt", "the text of one");
        InvalidInputException? second = null;
        var extractor = new TextExtractor(onRead: _ => second = Assert.Throws<InvalidInputException>(() => Run()));

        Run(extractor: extractor);

        Assert.Contains("out", second!.Message, StringComparison.Ordinal);
        Assert.Single(Documents());
    }

    [Fact]
    public void A_text_that_is_too_long_for_one_document_is_a_line_and_the_rest_is_read()
    {
        Write("a.txt", new string('a', 101));
        Write("b.txt", new string('b', 100));
        Write("c.pages", new string('c', 101) + "\n" + new string('d', 60) + "\n" + new string('e', 60));

        IngestReport report = Run(options => options with { MostCharacters = 100, NearDuplicates = 0 }).Report;

        Assert.Equal(["b.txt", "c.pages", "c.pages"], Documents().Select(document => document.Source));
        Assert.Equal(
            [("a.txt", null, SkipReason.TooLarge), ("c.pages", "page 0", SkipReason.TooLarge)],
            report.Skipped.Select(skipped => (skipped.Source, skipped.Part, skipped.Reason)));
        Assert.Contains("101 characters", report.Skipped[0].Detail, StringComparison.Ordinal);
        Assert.Contains("smaller", report.Skipped[0].Detail, StringComparison.Ordinal);
        Assert.Equal(2, Run(options => options with { MostCharacters = 100, NearDuplicates = 0 }).Reused); // too long a line of the cache
    }

    [Fact]
    public void A_document_that_cannot_be_written_costs_that_document_alone()
    {
        var counts = new IngestCounts();
        string path = _folder.In("documents.jsonl.gz");
        DocumentFile.Write(path, documents =>
        {
            var assembly = new DocumentAssembly(documents, counts, 0);
            assembly.Add(Read("a.txt", "the first text"));
            assembly.Add(Read("b.txt", new string('b', 170_000_000))); // more than a JSON string may have
            assembly.Add(Read("c.txt", "the last text"));
        });

        Assert.Equal(["a.txt", "c.txt"], DocumentFile.Read(path).Select(document => document.Source));
        Assert.Equal(2, counts.Documents);

        static ReadFile Read(string name, string text) => new(
            new SourceFile(name, name, 1, 1),
            new ExtractedFile(name, 1, 1, true, "", "", new ExtractionResult("text", [new ExtractedText(text, "text", null, "x")], [])),
            [new PreparedText(true, text.Length, (UInt128)text.Length, null)], false, false);
    }

    [Fact]
    public void What_may_come_out_differently_is_read_again_and_ends_nothing()
    {
        Write("a.txt", "the text of one");
        Write("b.slow", "x");
        Write("c.missing", "x");
        Write("d.dead", "x");
        Write("e.odd", "x");
        Write("f.memory", "x");
        Write("g.bad", "x");
        IngestReport report = Run().Report;
        var again = new TextExtractor();

        Run(extractor: again);

        Assert.Equal(["b.slow", "c.missing", "d.dead", "e.odd", "f.memory"], again.Read);
        Assert.Equal(SkipReason.TooMuchMemory, report.Skipped[4].Reason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_file_that_changes_while_it_is_read_is_read_once_more(int changes)
    {
        Write("a.txt", "the text of it 0");
        int times = 0;
        var extractor = new TextExtractor(afterRead: path =>
        {
            if (times++ < changes)
            {
                File.WriteAllText(path, $"the text of it {times}"); // of the same size
            }
        });

        IngestReport report = Run(extractor: extractor).Report;

        Assert.Equal(2, times);
        if (changes == 1)
        {
            Document document = Assert.Single(Documents());
            Assert.Equal(("the text of it 1", ContentHash.OfText("the text of it 1")), (document.Text, document.Sha256));
        }
        else
        {
            SkippedSource skipped = Assert.Single(report.Skipped);
            Assert.Equal((SkipReason.Unreadable, "it changed while it was read"), (skipped.Reason, skipped.Detail));
            Assert.Equal(0, Run().Reused);
            Assert.Equal("the text of it 2", Assert.Single(Documents()).Text);
        }
    }

    [Fact]
    public void A_change_right_after_another_one_shows_in_the_bytes_alone()
    {
        var now = DateTime.UnixEpoch.AddDays(20_000);
        Write("a.txt", "the text of it 0", now);
        int times = 0;
        var extractor = new TextExtractor(afterRead: _ => Write("a.txt", $"the text of it {Math.Min(++times, 1)}", now));

        Run(extractor: extractor, time: new FixedTime(now.AddMilliseconds(10)));

        Document document = Assert.Single(Documents());
        Assert.Equal((2, "the text of it 1", ContentHash.OfText("the text of it 1")), (times, document.Text, document.Sha256));
    }

    [Theory]
    [InlineData(0, 0.8, 1, 1)]
    [InlineData(10, 1.1, 1, 1)]
    [InlineData(10, 0.8, 0, 1)]
    [InlineData(10, 0.8, 1, 0)]
    public void An_option_out_of_range_is_refused_before_anything_is_written(int least, double near, int threads, int maxFiles)
    {
        Assert.Throws<InvalidInputException>(() => Run(options => options with
        {
            MinCharacters = least, NearDuplicates = near, Threads = threads, MaxFiles = maxFiles, Output = _folder.In("new"),
        }));
        Assert.False(Directory.Exists(_folder.In("new")));
    }

    private static void Cancel(CancellationTokenSource stop, bool now)
    {
        if (now)
        {
            stop.Cancel();
        }
    }

    private void Clear()
    {
        Directory.CreateDirectory(_folder.In("out"));
        Directory.Delete(_folder.In("out"), true);
    }

    private static string Snake(SkipReason reason) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    private IngestOptions Options() => new() { Paths = [_folder.In("in")], Output = _folder.In("out"), Threads = 2 };

    private IngestOutcome Run(
        Func<IngestOptions, IngestOptions>? change = null, TextExtractor? extractor = null, TimeProvider? time = null)
    {
        Directory.CreateDirectory(_folder.In("out"));
        return Ingest.Run((change ?? (options => options))(Options()), extractor ?? new TextExtractor(), time: time);
    }

    private Document[] Documents() => [.. DocumentFile.Read(_folder.In("out/documents.jsonl.gz"))];

    private byte[] Bytes() =>
        [.. File.ReadAllBytes(_folder.In("out/documents.jsonl.gz")), .. File.ReadAllBytes(_folder.In("out/ingest_report.json"))];

    private void Write(string name, string text, DateTime? modified = null)
    {
        string path = _folder.In("in/" + name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, modified ?? new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc).AddSeconds(_writes++));
    }

    private sealed class FixedTime(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(now, TimeSpan.Zero);
    }
}
