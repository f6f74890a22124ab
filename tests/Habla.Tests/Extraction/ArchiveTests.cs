using System.Formats.Tar;
using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

public sealed class ArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Members_are_read_by_their_own_kinds()
    {
        byte[] inner = Zipped.Bytes(("deep.txt", "deep"u8.ToArray()));
        byte[] file = Zipped.Bytes(
            ("dir/", []), ("dir/a.txt", "one"u8.ToArray()), ("b.md", "# two"u8.ToArray()), ("c.bin", new byte[50]),
            ("in.zip", inner), ("d.jsonl", "{\"text\":\"rec\"}"u8.ToArray()),
            ("e.txt", [0xe9, 0x74, 0xe9]), ("f.txt.gz", Zipped.Gzip("gz"u8.ToArray())));
        ExtractionResult result = Extracted.From(_folder.In("a.zip"), file);
        Assert.Equal(("zip", 1), (result.Kind, result.Latin1Fallbacks));
        Assert.Equal(
            [
                ("dir/a.txt", "text", "one"), ("b.md", "markdown", "two"), ("in.zip/deep.txt", "text", "deep"),
                ("d.jsonl, record 1", "jsonl", "rec"), ("e.txt", "text", "été"), ("f.txt.gz/f.txt", "text", "gz"),
            ],
            result.Texts.Select(text => (text.Part, text.Kind, text.Text)));
        Assert.Equal(("c.bin", SkipReason.UnknownKind), Extracted.Only(result.Skipped));
    }

    [Fact]
    public void An_archive_whose_first_member_is_a_stored_pdf_is_an_archive()
    {
        using var stream = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using (Stream entry = archive.CreateEntry("a.pdf", System.IO.Compression.CompressionLevel.NoCompression).Open())
            {
                entry.Write("%PDF-1.4 is how such a file begins"u8);
            }

            using Stream text = archive.CreateEntry("b.txt").Open();
            text.Write("some text"u8);
        }

        ExtractionResult result = Extracted.From(_folder.In("a.zip"), stream.ToArray());
        Assert.Equal("zip", result.Kind);
        Assert.Equal("some text", Assert.Single(result.Texts, text => text.Part == "b.txt").Text);
    }

    [Fact]
    public void Gzip_and_tar_are_opened()
    {
        ExtractedText text = Assert.Single(Extracted.From(_folder.In("notes.txt.gz"), Zipped.Gzip("noted"u8.ToArray())).Texts);
        Assert.Equal(("noted", "text", "notes.txt"), (text.Text, text.Kind, text.Part));
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "dir/a.txt") { DataStream = new MemoryStream("in tar"u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.txt") { LinkName = "/etc/passwd" });
        }

        foreach ((string name, string part, byte[] bytes) in new[]
        {
            ("a.tar", "", stream.ToArray()), ("b.tgz", "b.tar/", Zipped.Gzip(stream.ToArray())),
            ("c.tar.gz", "c.tar/", Zipped.Gzip(stream.ToArray())),
        })
        {
            ExtractionResult result = Extracted.From(_folder.In(name), bytes);
            Assert.Equal((part + "dir/a.txt", "in tar"), (Assert.Single(result.Texts).Part, result.Texts[0].Text));
            Assert.Equal((part + "link.txt", SkipReason.UnknownKind), Extracted.Only(result.Skipped));
        }
    }

    [Fact]
    public void Members_that_give_nothing_are_named_once_it_is_enough()
    {
        byte[] file = Zipped.Bytes(
        [
            .. Enumerable.Range(0, 300).Select(number => ($"{number}.txt", Array.Empty<byte>())),
            ("a.md", "words"u8.ToArray()), ("b.md", []),
        ]);
        ExtractionResult result = Extracted.From(_folder.In("a.zip"), file);
        Assert.Equal((102, "0.txt", "b.md"), (result.Skipped.Count, result.Skipped[0].Part, result.Skipped[100].Part));
        Assert.Equal(new SkippedPart("text", null, SkipReason.Empty, "and 200 more", Passing: false, Count: 200), result.Skipped[^1]);
    }

    [Fact]
    public void A_tar_that_breaks_off_gives_no_half_of_a_member()
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "a.txt") { DataStream = new MemoryStream("whole"u8.ToArray()) });
            byte[] words = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("half of it ", 1000)));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "b.txt") { DataStream = new MemoryStream(words) });
        }

        ExtractionResult result = Extracted.From(_folder.In("cut.tar"), stream.ToArray()[..6000]);
        Assert.Equal("whole", Assert.Single(result.Texts).Text);
        Assert.NotEmpty(result.Skipped);
        Assert.All(result.Skipped, skip => Assert.Equal((SkipReason.Broken, false), (skip.Reason, skip.Passing)));
    }

    [Fact]
    public void What_unpacks_to_too_much_is_stopped_while_it_unpacks()
    {
        byte[] zeros = new byte[10 << 20];
        ExtractionResult bomb = Extracted.From(
            _folder.In("bomb.zip"),
            Zipped.Bytes(("before.txt", "kept"u8.ToArray()), ("zeros.txt", zeros), ("after.txt", "kept too"u8.ToArray())));
        Assert.Equal(["before.txt", "after.txt"], bomb.Texts.Select(text => text.Part));
        Assert.Equal(("zeros.txt", SkipReason.TooLarge), Extracted.Only(bomb.Skipped));
        byte[] nested = Zipped.Bytes(Enumerable.Range(0, 9)
            .Select(number => ($"{number}.zip", Zipped.Bytes(("zeros.txt", zeros)))).ToArray());
        Assert.All(Extracted.From(_folder.In("nested.zip"), nested).Skipped, skip => Assert.Equal(SkipReason.TooLarge, skip.Reason));
        Assert.Equal(SkipReason.TooLarge, Extracted.Only(Extracted.From(_folder.In("zeros.gz"), Zipped.Gzip(zeros)).Skipped).Reason);

        byte[] words = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000)));
        ExtractionResult large = Extracted.From(
            _folder.In("large.zip"), Zipped.Bytes(("a.txt", words), ("b.txt", words), ("c.txt", words)),
            new ExtractionOptions { MaxBytes = 150_000 });
        Assert.Equal(["a.txt"], large.Texts.Select(text => text.Part));
        Assert.Equal(("b.txt", SkipReason.TooLarge), Extracted.Only(large.Skipped));
        Assert.EndsWith("nothing after this was read", large.Skipped[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_are_opened_three_deep()
    {
        byte[] file = Zipped.Bytes(("a.txt", "bottom"u8.ToArray()));
        for (int depth = 0; depth < 2; depth++)
        {
            file = Zipped.Bytes(("in.zip", file));
        }

        Assert.Equal("in.zip/in.zip/a.txt", Assert.Single(Extracted.From(_folder.In("three.zip"), file).Texts).Part);
        Assert.Equal(
            ("in.zip/in.zip/in.zip", SkipReason.TooLarge),
            Extracted.Only(Extracted.From(_folder.In("four.zip"), Zipped.Bytes(("in.zip", file))).Skipped));
    }

    [ProgramFact("gs", "pdftotext")]
    public void Names_of_members_are_never_paths()
    {
        Paper.Typeset(_folder.In("a.pdf"), "In an archive");
        string outside = _folder.In("outside.pdf");
        byte[] file = Zipped.Bytes(("../../../../../.." + outside, File.ReadAllBytes(_folder.In("a.pdf"))), (outside, "text"u8.ToArray()));
        ExtractionResult result = Extracted.From(_folder.In("slip.zip"), file);
        Assert.Equal([$"../../../../../..{outside}, page 1", outside], result.Texts.Select(text => text.Part));
        Assert.Equal(["In an archive"], Extracted.Lines(result.Texts[0]));
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public void Broken_and_locked_archives_say_so()
    {
        byte[] whole = Zipped.Bytes(("a.txt", "one"u8.ToArray()), ("b.txt", "two"u8.ToArray()));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("half.zip"), whole[..(whole.Length / 2)]));
        byte[] gzip = Zipped.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 9999))));
        Assert.Equal(SkipReason.Broken,
            Extracted.Reason(_folder.In("half.gz"), [.. gzip[..(gzip.Length / 2)], 0xff, 0xff, 0xff, 0xff, 0xff]));

        // The first bit of a member's flags says that it is locked, in its own header and in the directory.
        whole[6] |= 1;
        whole[whole.AsSpan().IndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        ExtractionResult locked = Extracted.From(_folder.In("locked.zip"), whole);
        Assert.Equal(("a.txt", SkipReason.Encrypted), Extracted.Only(locked.Skipped));
        Assert.Equal("b.txt", Assert.Single(locked.Texts).Part);
    }
}
