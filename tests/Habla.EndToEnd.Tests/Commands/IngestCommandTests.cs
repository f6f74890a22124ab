using System.Text.Json;
using Habla.Extraction;
using Habla.Ingestion;
using Habla.Tests;
using Habla.Tests.Extraction;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class IngestCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_becomes_documents_and_a_report_and_the_table_says_so()
    {
        Write("in/a.txt", "Some text of the first file.\n");
        Write("in/sub/b.md", "# A title\n\nSome text with *stress* in the second file.\n");
        Write("in/sub/same.txt", "Some text of the first file.\n");
        Write("in/short.txt", "tiny");
        Write("in/node_modules/x.txt", "nobody wants to read this text");
        Write("in/.gitignore", "*.log\n");
        Write("in/x.log", "nobody wants to read this either");
        File.WriteAllBytes(_folder.In("in/program"), [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2, 3, 0, 0, 0, 0]);

        ProcessResult answer = Run("ingest", "in", "--out", "out", "--json").Expect(0);

        JsonElement json = answer.Json;
        Document[] documents = [.. DocumentFile.Read(_folder.In("out/documents.jsonl.gz"))];
        Assert.Contains(documents, document => document.Source == "a.txt" && document.Text.StartsWith("Some text", StringComparison.Ordinal));
        Assert.Contains(documents, document => document is { Source: "sub/b.md", Kind: "markdown" });
        Assert.Equal(documents.Length, json.GetProperty("documents").GetInt32());
        Assert.Equal(2, json.GetProperty("skipped_by").GetProperty("too_short").GetInt32());
        Assert.Equal(1, json.GetProperty("skipped_by").GetProperty("duplicate").GetInt32());
        Assert.Equal(1, json.GetProperty("left_out").GetProperty("standard_folders").GetInt32());
        Assert.Equal(1, json.GetProperty("left_out").GetProperty("git_ignored").GetInt32());
        IngestReport report = IngestReport.Read(_folder.In("out/ingest_report.json"));
        Assert.Equal(("sub/same.txt", "a.txt"), (Assert.Single(report.Duplicates).Source, report.Duplicates[0].OfSource));
        Assert.Contains(report.Skipped, skipped => skipped.Source == "program");
        Assert.Matches(@"markdown +1 +1 +\d+ +0", answer.Error);
        Assert.Contains("shorter than --min-chars: .gitignore, short.txt", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_reads_nothing_again_and_neither_it_nor_threads_change_a_byte()
    {
        for (int i = 0; i < 40; i++)
        {
            Write($"in/{i}.txt", $"the text of file number {i}, which stands alone");
            File.SetLastWriteTimeUtc(_folder.In($"in/{i}.txt"), new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Run("ingest", "in", "--out", "a", "--threads", "1").Expect(0);
        Run("ingest", "in", "--out", "b", "--threads", "4").Expect(0);
        byte[] first = Bytes("a");
        JsonElement again = Run("ingest", "in", "--out", "a", "--threads", "2", "--json").Expect(0).Json;

        Assert.Equal(first, Bytes("b"));
        Assert.Equal(first, Bytes("a"));
        Assert.Equal(40, again.GetProperty("files_reused").GetInt32());
        Assert.Equal(0, Run("ingest", "in", "--out", "a", "--field", "other", "--json").Expect(0).Json.GetProperty("files_reused").GetInt32());
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public void A_run_that_is_ended_goes_on_where_it_was(string signal, int exitCode)
    {
        for (int i = 0; i < 6000; i++)
        {
            Write($"in/{i % 20}/{i}.txt", $"the text of file number {i}, and {i * 7919} is another number of it");
            File.SetLastWriteTimeUtc(_folder.In($"in/{i % 20}/{i}.txt"), new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        ProcessResult ended = HablaProcess.Signal(
            _folder.Path, signal, _folder.In("out/ingest_cache.jsonl"), "ingest", "in", "--out", "out", "--threads", "1").Expect(exitCode);

        Assert.False(File.Exists(_folder.In("out/documents.jsonl.gz")), "nothing is written before everything is");
        Assert.Equal(signal == "INT", ended.Error.Contains("the same command goes on", StringComparison.Ordinal));
        JsonElement resumed = Run("ingest", "in", "--out", "out", "--json").Expect(0).Json;
        Assert.InRange(resumed.GetProperty("files_reused").GetInt32(), 1, 5999);
        Run("ingest", "in", "--out", "clean").Expect(0);
        Assert.Equal(Bytes("clean"), Bytes("out"));
    }

    [Fact]
    public void On_a_terminal_there_is_a_line_with_speed()
    {
        Write("in/a.txt", "Some text of the first file.\n");

        ProcessResult shown = HablaProcess.OnTerminal(_folder.Path, 80, "ingest", "in", "--out", "out").Expect(0);

        Assert.Contains("1/1 files", shown.Output, StringComparison.Ordinal);
        Assert.Contains("files/s", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_a_dangling_link_and_a_missing_path_are_lines_and_the_rest_is_read()
    {
        Write("in/a.txt", "Some text of the first file.\n");
        File.CreateSymbolicLink(_folder.In("in/dangling"), "nowhere");
        ExternalProcess.Run("mkfifo", [_folder.In("in/pipe")], _folder.Path, TimeSpan.FromSeconds(10)).Expect(0);

        Run("ingest", "in", "absent", "--out", "out").Expect(0);

        Assert.Equal(
            ["absent", "in/dangling", "in/pipe"],
            IngestReport.Read(_folder.In("out/ingest_report.json")).Skipped.Select(skipped => skipped.Source).Order(StringComparer.Ordinal));
    }

    [ProgramFact("pdftotext", "tesseract", "gs")]
    public void A_folder_full_of_trouble_is_read_to_its_end_and_each_trouble_is_named()
    {
        Write("in/good.txt", "Some text that is as it should be.\n");
        Paper.Typeset(_folder.In("in/good.pdf"), "A page with text", "Another page");
        Paper.Scan(_folder.In("in/scan.pdf"), "SCANNED PAGE");
        Paper.Lock(_folder.In("in/locked.pdf"), "nobody reads this");
        File.WriteAllBytes(_folder.In("in/broken.pdf"), File.ReadAllBytes(_folder.In("in/good.pdf"))[..400]);
        File.WriteAllBytes(_folder.In("in/bomb.zip"), Zipped.Bytes(("zeros.txt", new byte[200 << 20])));
        File.WriteAllBytes(_folder.In("in/empty.png"), []);
        File.WriteAllBytes(_folder.In("in/old.txt"), [.. "a word with a stray byte: "u8, 0xe9, 0xff, .. " and more\n"u8]);
        ExternalProcess.Run("mkfifo", [_folder.In("in/unreadable.txt")], _folder.Path, TimeSpan.FromSeconds(10)).Expect(0);

        Run("ingest", "in", "--out", "out", "--near-duplicates", "0").Expect(0);

        IngestReport report = IngestReport.Read(_folder.In("out/ingest_report.json"));
        Assert.Equal(
            [
                ("bomb.zip", SkipReason.TooLarge), ("broken.pdf", SkipReason.Broken), ("empty.png", SkipReason.Empty),
                ("locked.pdf", SkipReason.Encrypted), ("unreadable.txt", SkipReason.Unreadable),
            ],
            report.Skipped.Select(skipped => (skipped.Source, skipped.Reason)).Order());
        Assert.Equal([new Latin1Source("old.txt", 1)], report.ReadAsLatin1);
        Document[] documents = [.. DocumentFile.Read(_folder.In("out/documents.jsonl.gz"))];
        Assert.Equal(["good.pdf", "good.pdf", "good.txt", "old.txt", "scan.pdf"], documents.Select(document => document.Source));
        Assert.Contains("SCANNED", documents[^1].Text, StringComparison.Ordinal);
        Assert.StartsWith("tesseract", documents[^1].Extractor, StringComparison.Ordinal);
        Assert.Equal(2, documents.Count(document => document.Extractor.StartsWith("pdftotext", StringComparison.Ordinal)));
    }

    [WithoutRightsFact]
    public void What_may_not_be_read_is_a_line_and_is_read_as_soon_as_it_may()
    {
        Write("in/a.txt", "Some text of the first file.\n");
        Write("in/closed.txt", "Some text that nobody may read.\n");
        Write("in/closed/b.txt", "Some text in a folder that nobody may look into.\n");
        Directory.CreateDirectory(_folder.In("out"));
        Allow("777", ".", "out");
        Allow("000", "in/closed.txt", "in/closed");
        try
        {
            HablaProcess.WithoutRights(_folder.Path, "ingest", "in", "--out", "out").Expect(0);
        }
        finally
        {
            Allow("755", "in/closed.txt", "in/closed");
        }

        Assert.Equal(
            [("closed", SkipReason.Unreadable), ("closed.txt", SkipReason.Unreadable)],
            IngestReport.Read(_folder.In("out/ingest_report.json")).Skipped.Select(skipped => (skipped.Source, skipped.Reason)));
        HablaProcess.WithoutRights(_folder.Path, "ingest", "in", "--out", "out").Expect(0);
        Assert.Equal(
            ["a.txt", "closed/b.txt", "closed.txt"],
            DocumentFile.Read(_folder.In("out/documents.jsonl.gz")).Select(document => document.Source));
    }

    [Fact]
    public void Nothing_to_read_is_bad_input()
    {
        Write("in/a.txt", "tiny");

        Assert.Contains("absent", Run("ingest", "absent", "--out", "out").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("out")));
        Assert.Contains("no document came out", Run("ingest", "in", "--out", "out").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("--out", Run("ingest", "out", "--out", "out").Expect(2).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--near-duplicates", "much")]
    [InlineData("--near-duplicates", "1.5")]
    [InlineData("--max-bytes", "12X")]
    [InlineData("--max-bytes", "0")]
    [InlineData("--max-bytes", "2G")]
    [InlineData("--max-bytes", "2147483592")]
    [InlineData("--max-files", "0")]
    [InlineData("--min-chars", "-1")]
    [InlineData("--time-limit", "0")]
    [InlineData("--memory-limit", "5")]
    [InlineData("--threads", "0")]
    [InlineData("--include", "")]
    public void An_option_out_of_range_is_named(string option, string value)
    {
        Write("in/a.txt", "Some text of the first file.\n");

        ProcessResult answer = Run("ingest", "in", "--out", "out", option, value).Expect(2);

        Assert.Contains(option, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("out")));
    }

    [Theory]
    [InlineData("2047M")]
    [InlineData("1G")]
    [InlineData("2147483591")]
    public void The_largest_sizes_are_taken(string size)
    {
        Write("in/a.txt", "Some text of the first file.\n");

        Run("ingest", "in", "--out", "out", "--max-bytes", size).Expect(0);
    }

    [Fact]
    public void A_size_may_be_given_in_larger_units()
    {
        Write("in/a.txt", new string('a', 2000) + " and so on");
        Write("in/b.txt", "Some text of the second file.\n");

        Run("ingest", "in", "--out", "out", "--max-bytes", "1k").Expect(0);

        Assert.Equal("b.txt", Assert.Single(DocumentFile.Read(_folder.In("out/documents.jsonl.gz"))).Source);
    }

    private byte[] Bytes(string folder) =>
        [.. File.ReadAllBytes(_folder.In($"{folder}/documents.jsonl.gz")), .. File.ReadAllBytes(_folder.In($"{folder}/ingest_report.json"))];

    private void Allow(string mode, params string[] names) =>
        ExternalProcess.Run("chmod", [mode, .. names], _folder.Path, TimeSpan.FromSeconds(10)).Expect(0);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(name))!);
        File.WriteAllText(_folder.In(name), text);
    }

    private ProcessResult Run(params string[] arguments) => HablaProcess.RunIn(_folder.Path, arguments);
}
