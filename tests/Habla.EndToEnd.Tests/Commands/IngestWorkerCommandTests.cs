using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Habla.Extraction;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>The hidden command that reads files for another process.</summary>
public sealed class IngestWorkerCommandTests : IDisposable
{
    private static readonly string[] s_worker = [Path.Combine(AppContext.BaseDirectory, "Habla.Cli.dll"), "ingest-worker"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_worker_finds_what_this_process_finds()
    {
        File.WriteAllText(_folder.In("a.md"), "# One\n\n- two ñ 🙂\n");
        File.WriteAllText(_folder.In("b.csv"), "a,b\n1,\"2\n3\"\n");
        File.WriteAllText(_folder.In("c.jsonl"), "{\"text\":\"x\"}\n{}\n");
        File.WriteAllText(_folder.In("d.html"), "<p>café");
        File.WriteAllText(_folder.In("half.docx"), "PK\u0003\u0004broken");
        using (ZipArchive archive = ZipFile.Open(_folder.In("e.zip"), ZipArchiveMode.Create))
        {
            archive.CreateEntryFromFile(_folder.In("a.md"), "in/a.md");
            using Stream old = archive.CreateEntry("old.txt").Open();
            old.Write(Encoding.Latin1.GetBytes("mañana"));
        }

        using FileExtractor isolated = Create(new ExtractionOptions()), here = Extractors.Create(new ExtractionOptions(), null);
        foreach (string file in Directory.EnumerateFiles(_folder.Path))
        {
            ExtractionResult expected = here.Extract(file, CancellationToken.None), found = isolated.Extract(file, CancellationToken.None);
            Assert.Equal(expected.Texts, found.Texts);
            Assert.Equal(expected.Skipped, found.Skipped);
            Assert.Equal((expected.Kind, expected.Latin1Fallbacks), (found.Kind, found.Latin1Fallbacks));
        }

        Assert.Equal(isolated.Identity, here.Identity);
    }

    [Fact]
    public void A_file_that_takes_all_memory_is_one_line_and_the_next_one_is_read()
    {
        File.WriteAllText(_folder.In("large.json"), "[" + string.Join(',', Enumerable.Repeat("{\"text\":1}", 5_000_000)) + "]");
        File.WriteAllText(_folder.In("small.json"), "{\"text\":\"still here\"}");
        using FileExtractor isolated = Create(new ExtractionOptions { MemoryLimitMb = 128 });
        ExtractionResult large = isolated.Extract(_folder.In("large.json"), CancellationToken.None);
        Assert.Equal((SkipReason.TooMuchMemory, "reading it takes more than 128 MiB"),
            (large.Skipped[^1].Reason, large.Skipped[^1].Detail));
        Assert.Equal("still here", Assert.Single(isolated.Extract(_folder.In("small.json"), CancellationToken.None).Texts).Text);
    }

    [Fact]
    public void It_ends_when_nobody_asks_any_more()
    {
        using var process = Process.Start(
            new ProcessStartInfo(Dotnet.Path, s_worker) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.WriteLine("{}");
        Assert.Contains("\"ready\":true", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)));
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void Help_does_not_show_it() =>
        Assert.DoesNotContain("ingest-worker", HablaProcess.Run("--help").Expect(0).Output, StringComparison.Ordinal);

    private static FileExtractor Create(ExtractionOptions options) => Extractors.Create(options, new WorkerCommand(Dotnet.Path, s_worker));
}
