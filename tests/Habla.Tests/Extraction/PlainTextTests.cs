using System.Diagnostics;
using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

public sealed class PlainTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("notes.txt", "text")]
    [InlineData("NOTES.TXT", "text")]
    [InlineData("thesis.tex", "text")]
    [InlineData("README", "text")]
    [InlineData("what.ever", "text")]
    [InlineData("Program.cs", "code")]
    [InlineData("Makefile", "code")]
    [InlineData("-rf.py", "code")]
    public void A_text_is_read_as_it_is(string name, string kind)
    {
        ExtractionResult result = Extracted.From(_folder.In(name), "one\r\ntwo ñ\n"u8.ToArray());
        ExtractedText text = Assert.Single(result.Texts);
        Assert.Equal(("one\ntwo ñ\n", kind, null, "habla 2"), (text.Text, text.Kind, text.Part, text.Extractor));
        Assert.Equal((kind, 0), (result.Kind, result.Latin1Fallbacks));
        Assert.Empty(result.Skipped);
    }

    [Fact]
    public void Latin_1_is_counted()
    {
        ExtractionResult result = Extracted.From(_folder.In("old.txt"), Encoding.Latin1.GetBytes("se habló español"));
        Assert.Equal("se habló español", Assert.Single(result.Texts).Text);
        Assert.Equal(1, result.Latin1Fallbacks);
    }

    [Fact]
    public void Each_file_without_text_says_why()
    {
        Assert.Equal(SkipReason.Empty, Extracted.Reason(_folder.In("none.txt"), []));
        Assert.Equal(SkipReason.Empty, Extracted.Reason(_folder.In("blank.txt"), " \n\t\n"u8.ToArray()));
        Assert.Equal(SkipReason.UnknownKind, Extracted.Reason(_folder.In("a.out"), [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]));
        Assert.Equal(SkipReason.UnknownKind, Extracted.Reason(_folder.In("x.bin"), new byte[64]));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("x.txt"), new byte[64]));
        Assert.Equal(SkipReason.TooLarge, Extracted.Reason(_folder.In("big.txt"), new byte[65], new ExtractionOptions { MaxBytes = 64 }));
        Assert.Equal(SkipReason.Unreadable, Extracted.Skip(_folder.In("not-there.txt")).Reason);
        Assert.Equal(SkipReason.Unreadable, Extracted.Skip(_folder.Path).Reason);
        Assert.Equal(SkipReason.Unreadable, Extracted.Skip("/dev/zero").Reason);
    }

    [Fact]
    public void A_pipe_is_never_opened()
    {
        using var mkfifo = Process.Start("mkfifo", _folder.In("pipe.txt"));
        mkfifo.WaitForExit();
        SkippedPart skip = Extracted.Skip(_folder.In("pipe.txt"));
        Assert.Equal((SkipReason.Unreadable, "it is a pipe, and only files are read"), (skip.Reason, skip.Detail));
    }

    [Fact]
    public void Asked_to_stop_it_stops() => Assert.Throws<OperationCanceledException>(
        () => Extractors.Create(new ExtractionOptions(), null).Extract(_folder.In("a"), new CancellationToken(canceled: true)));

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        Refuse(new ExtractionOptions { MaxBytes = 0 }, "at least 1 byte");
        Refuse(new ExtractionOptions { TimeLimit = TimeSpan.Zero }, "time limit");
        Refuse(new ExtractionOptions { MemoryLimitMb = 127 }, "at least 128 MiB");
        Refuse(new ExtractionOptions { OcrLanguage = "eng --psm 0" }, "eng+spa");
        Refuse(new ExtractionOptions { JsonField = "" }, "message.text");

        static void Refuse(ExtractionOptions options, string expected) =>
            Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => Extractors.Create(options, null)).Message,
            StringComparison.Ordinal);
    }
}
