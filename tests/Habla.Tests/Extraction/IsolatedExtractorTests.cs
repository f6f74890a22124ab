using System.Diagnostics;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

/// <summary>
/// Workers that misbehave: shell scripts that speak as a worker does and then hang or die.
/// The real one is tested end to end.
/// </summary>
public sealed class IsolatedExtractorTests : IDisposable
{
    private const string Ready = "read options; echo '{\"ready\":true}'; read path; echo '{\"begin\":true}'; ";
    private const string Found = "echo '{\"text\":{\"text\":\"kept\",\"kind\":\"text\",\"part\":\"a.txt\",\"extractor\":\"x\"}}'; ";

    private readonly TemporaryFolder _folder = new();
    private readonly string _file;

    public IsolatedExtractorTests()
    {
        _file = _folder.In("a.zip");
        File.WriteAllBytes(_file, Zipped.Bytes(("a.txt", "one"u8.ToArray())));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_found_before_a_worker_hangs_is_kept()
    {
        ExtractionResult result = Read(Ready + Found + "echo '{\"begin\":true,\"part\":\"b.pdf\"}'; exec sleep 1000", 1);
        Assert.Equal("kept", Assert.Single(result.Texts).Text);
        SkippedPart skip = Assert.Single(result.Skipped);
        Assert.Equal(
            ("zip", "b.pdf", SkipReason.TooSlow, "reading it takes longer than 1 seconds; nothing after this was read"),
            (skip.Kind, skip.Part, skip.Reason, skip.Detail));
    }

    [Theory]
    [InlineData("echo 'Stack overflow.' >&2; kill -ABRT $$", SkipReason.Broken, "what reads it broke down: Stack overflow")]
    [InlineData("exit 7", SkipReason.Broken, "what reads it broke down: exit code 7")]
    [InlineData("echo 'Out of memory.' >&2; kill -ABRT $$", SkipReason.TooMuchMemory, "reading it takes more than 1024 MiB")]
    public void A_worker_that_dies_says_why(string end, SkipReason reason, string detail)
    {
        SkippedPart skip = Assert.Single(Read(Ready + end, 30).Skipped);
        Assert.Equal((null, reason, detail, true), (skip.Part, skip.Reason, skip.Detail, skip.Passing));
    }

    [Fact]
    public void A_worker_that_does_not_start_is_told()
    {
        Assert.Equal(SkipReason.ProgramMissing, Assert.Single(Read("echo no >&2; exit 1", 30).Skipped).Reason);
        using FileExtractor extractor = Extractors.Create(new ExtractionOptions(), new WorkerCommand("no-such-program", []));
        Assert.Equal(SkipReason.ProgramMissing, Assert.Single(extractor.Extract(_file, CancellationToken.None).Skipped).Reason);
    }

    [Fact]
    public void A_worker_is_kept_for_the_next_file_and_ends_with_the_extractor()
    {
        string ids = _folder.In("ids");
        string script = $"echo $$ >> {ids}; read options; echo '{{\"ready\":true}}'; while read path; do echo '{{\"done\":\"zip\"}}'; done";
        using (FileExtractor extractor = Extractors.Create(new ExtractionOptions(), new WorkerCommand("sh", ["-c", script])))
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal("zip", extractor.Extract(_file, CancellationToken.None).Kind);
            }
        }

        string id = Assert.Single(File.ReadAllLines(ids));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Asked_to_stop_it_stops()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        using FileExtractor extractor =
            Extractors.Create(new ExtractionOptions(), new WorkerCommand("sh", ["-c", Ready + "exec sleep 1000"]));
        Assert.ThrowsAny<OperationCanceledException>(() => extractor.Extract(_file, stop.Token));
    }

    private ExtractionResult Read(string script, double seconds)
    {
        var options = new ExtractionOptions { TimeLimit = TimeSpan.FromSeconds(seconds) };
        using FileExtractor extractor = Extractors.Create(options, new WorkerCommand("sh", ["-c", script]));
        return extractor.Extract(_file, CancellationToken.None);
    }
}
