using System.Diagnostics;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

/// <summary>Programs that misbehave in the place of those that read files.</summary>
public sealed class ProgramLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _pdf;

    public ProgramLimitTests()
    {
        _pdf = _folder.In("a.pdf");
        File.WriteAllText(_pdf, "%PDF-1.4\nnot looked at\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_program_that_hangs_is_killed_with_all_that_it_started()
    {
        string ids = _folder.In("ids");
        SkippedPart skip = Read($"sleep 1000 & echo $! $$ > {ids}\nwait", new ExtractionOptions { TimeLimit = TimeSpan.FromSeconds(0.5) });
        Assert.Equal((SkipReason.TooSlow, "pdftotext took longer than 0.5 seconds", true), (skip.Reason, skip.Detail, skip.Passing));
        Assert.All(File.ReadAllText(ids).Split(), id => Assert.False(id.Length > 0 && IsRunning(id)));
    }

    [Fact]
    public void A_program_that_writes_without_end_is_killed()
    {
        SkippedPart skip = Read("exec yes", new ExtractionOptions { MaxBytes = 100_000 });
        Assert.Equal((SkipReason.TooLarge, "pdftotext makes more than 100000 bytes of it"), (skip.Reason, skip.Detail));
    }

    [Fact]
    public void A_program_that_fails_is_quoted()
    {
        SkippedPart skip = Read("echo first >&2; echo 'Syntax Error: no pages' >&2; exit 1", new ExtractionOptions());
        Assert.Equal((SkipReason.Broken, "the PDF file cannot be read: Syntax Error: no pages"), (skip.Reason, skip.Detail));
    }

    [Fact]
    public void What_may_fare_better_another_time_is_marked()
    {
        Assert.False(Read("echo 'Syntax Error' >&2; exit 1", new ExtractionOptions()).Passing);
        Assert.True(Read("kill -9 $$", new ExtractionOptions()).Passing);
        Assert.True(Read("exit 127", new ExtractionOptions()).Passing);
    }

    [Theory]
    [InlineData("printf 'The first page\\fThe second page\\fHalf of'; echo 'cut short' >&2; exit 1", "cut short")]
    [InlineData("printf 'The first page\\fThe second page\\fHalf of'; kill -9 $$", "exit code 137")]
    public void What_a_program_gave_before_it_broke_off_is_kept_as_far_as_it_is_whole(string script, string words)
    {
        ExtractionResult result = Extracted.With(new ProgramNames { PdfToText = Script(script) }, _pdf, new ExtractionOptions());
        Assert.Equal(["The first page", "The second page"], result.Texts.Select(text => text.Text));
        SkippedPart skip = Assert.Single(result.Skipped);
        Assert.Equal(
            (null, SkipReason.Broken, $"pdftotext broke off: {words}; nothing after page 2 was read", true),
            (skip.Part, skip.Reason, skip.Detail, skip.Passing));
    }

    [ProgramFact("tesseract")]
    public void Pages_that_are_pictures_have_a_limit_together()
    {
        var names = new ProgramNames
        {
            PdfToText = Script("printf '\\f\\fwords of a page\\f7\\f\\f'", "text"),
            PdfToPpm = Script("echo no picture >&2; exit 1", "picture"),
        };
        var options = new ExtractionOptions();
        var sink = new CollectingSink();
        var reading = new FileReading(options, new Programs(options, names), sink, CancellationToken.None) { OcrLimit = TimeSpan.Zero };
        ExtractionResult result = sink.Result(new FileReader().Read(SourceContent.OfFile(_pdf), reading));
        Assert.Equal([("page 3", "words of a page"), ("page 4", "7")], result.Texts.Select(text => (text.Part, text.Text)));
        Assert.Equal(
            [
                ("page 1", SkipReason.Broken, "the page cannot be rendered: no picture", false, 1),
                (null, SkipReason.TooSlow, "3 more pages are pictures and were not read: those before took longer than 0 seconds", true, 3),
            ],
            result.Skipped.Select(skip => (skip.Part, skip.Reason, skip.Detail, skip.Passing, skip.Count)));
    }

    [Fact]
    public void A_program_that_is_not_there_is_named_with_its_package()
    {
        var names = new ProgramNames { PdfToText = "no-such-program", Tesseract = "no-such-program" };
        SkippedPart skip = Assert.Single(Extracted.With(names, _pdf, new ExtractionOptions()).Skipped);
        Assert.Equal(SkipReason.ProgramMissing, skip.Reason);
        Assert.Equal("pdftotext is not installed; install it with `apt-get install poppler-utils`", skip.Detail);
        Assert.Contains("no tesseract", new Programs(new ExtractionOptions(), names).Versions());
    }

    [Fact]
    public void Without_a_limit_of_memory_the_result_says_so()
    {
        var names = new ProgramNames { Limiter = "no-such-program" };
        Assert.Contains("no prlimit", new Programs(new ExtractionOptions(), names).Versions());
        Assert.DoesNotContain("no prlimit", new Programs(new ExtractionOptions { Pdf = false, Ocr = false }, names).Versions());
        Assert.DoesNotContain("no prlimit", new Programs(new ExtractionOptions(), new ProgramNames { Limiter = Script("") }).Versions());
    }

    [Fact]
    public void Asked_to_stop_it_kills_the_program()
    {
        using var stop = new CancellationTokenSource();
        using var extractor = new FileExtractor(
            new ExtractionOptions(), null, new Programs(new ExtractionOptions(), new ProgramNames { PdfToText = Script("sleep 1000") }));
        stop.CancelAfter(200);
        Assert.Throws<OperationCanceledException>(() => extractor.Extract(_pdf, stop.Token));
    }

    [Fact]
    public void The_identity_names_programs_libraries_and_options()
    {
        using FileExtractor extractor = Extractors.Create(new ExtractionOptions { JsonField = "body" }, null);
        Assert.All(
            ["habla 2", "AngleSharp 1.7.2", "CsvHelper 34.0.0", "Markdig 1.4.1", "OpenXml 2.20.0",
            "pdftotext", "tesseract", "\"json_field\":\"body\""],
            part => Assert.Contains(part, extractor.Identity, StringComparison.Ordinal));
        using FileExtractor other = Extractors.Create(new ExtractionOptions { JsonField = "text" }, null);
        Assert.NotEqual(extractor.Identity, other.Identity);
    }

    private SkippedPart Read(string script, ExtractionOptions options) =>
        Assert.Single(Extracted.With(new ProgramNames { PdfToText = Script(script) }, _pdf, options).Skipped);

    private string Script(string text, string name = "program")
    {
        string path = _folder.In(name);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        Tool.Run("chmod", ["+x", path]);
        return path;
    }

    /// <summary>Whether there is such a process that is more than an entry nobody has read yet.</summary>
    private static bool IsRunning(string id)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
            string state = File.ReadAllText($"/proc/{id}/stat");
            return state[(state.LastIndexOf(')') + 2)..][0] != 'Z';
        }
        catch (Exception error) when (error is ArgumentException or IOException)
        {
            return false;
        }
    }
}
