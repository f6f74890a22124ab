using Habla.Extraction;

namespace Habla.Tests.Extraction;

public sealed class PdfTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProgramFact("gs", "pdftotext")]
    public void Each_page_is_a_part()
    {
        Paper.Typeset(_folder.In("two.pdf"), "The first page\nhas two lines.", "The second page.");
        ExtractionResult result = Extracted.From(_folder.In("two.pdf"));
        Assert.Equal("pdf", result.Kind);
        Assert.Empty(result.Skipped);
        Assert.Equal(["page 1", "page 2"], result.Texts.Select(text => text.Part));
        Assert.Equal(["The first page", "has two lines."], Extracted.Lines(result.Texts[0]));
        Assert.Equal(["The second page."], Extracted.Lines(result.Texts[1]));
        Assert.All(result.Texts, text => Assert.Matches(@"^pdftotext \d+\.\d+", text.Extractor));
    }

    [ProgramFact("gs", "pdftotext", "pdftoppm", "tesseract")]
    public void A_scanned_page_is_read_by_ocr_and_a_blank_one_is_named()
    {
        Paper.Scan(_folder.In("scan.pdf"), "This page was scanned\nfrom paper", "", "and this one too");
        ExtractionResult result = Extracted.From(_folder.In("scan.pdf"));
        Assert.Equal(["page 1", "page 3"], result.Texts.Select(text => text.Part));
        Assert.Equal(["This page was scanned", "from paper"], Extracted.Lines(result.Texts[0]));
        Assert.Equal(["and this one too"], Extracted.Lines(result.Texts[1]));
        Assert.Matches(@"^tesseract \d+\.\d+\.\d+ eng$", result.Texts[0].Extractor);
        Assert.Equal(("page 2", SkipReason.Empty), Extracted.Only(result.Skipped));
    }

    [ProgramFact("gs", "pdftotext", "pdftoppm", "tesseract")]
    public void A_stamp_makes_no_text_layer_and_is_kept_where_nothing_else_is_seen()
    {
        Paper.Typeset(_folder.In("stamp.pdf"), "12 A b", "Words");
        string nothing = _folder.In("nothing"), asked = _folder.In("asked");
        File.WriteAllText(nothing, $"#!/bin/sh\n[ $1 = stdin ] || exec tesseract \"$@\"\ncat > /dev/null; echo x >> {asked}\n");
        Tool.Run("chmod", ["+x", nothing]);
        ExtractionResult result = Extracted.With(
            new ProgramNames { Tesseract = nothing }, _folder.In("stamp.pdf"), new ExtractionOptions());
        Assert.Equal(["12 A b", "Words"], result.Texts.Select(text => text.Text.Trim()));
        Assert.Empty(result.Skipped);
        Assert.Equal("x\n", File.ReadAllText(asked));
        Assert.Matches("^tesseract ", Extracted.From(_folder.In("stamp.pdf")).Texts[0].Extractor);
    }

    [ProgramFact("gs", "pdftotext", "pdftoppm")]
    public void A_page_of_one_grey_is_known_without_looking_for_letters()
    {
        foreach ((string text, bool isBlank) in new[] { ("", true), (".", false) })
        {
            Paper.Typeset(_folder.In("a.pdf"), text);
            byte[] png = Tool.Run("pdftoppm", ["-q", "-r", "300", "-gray", "-png", "-singlefile", _folder.In("a.pdf")]);
            Assert.Equal(isBlank, BlankPicture.IsOneGrey(png));
            Assert.False(BlankPicture.IsOneGrey(png[..(png.Length / 2)]));
        }

        foreach ((string device, bool isKnown) in new[] { ("pnggray", true), ("png16m", true), ("pngmono", false) })
        {
            Paper.Picture(_folder.In("a.png"), device, "");
            Assert.Equal(isKnown, BlankPicture.IsOneGrey(File.ReadAllBytes(_folder.In("a.png"))));
        }
    }

    [ProgramFact("gs", "pdftotext")]
    public void Without_ocr_a_scanned_page_is_named()
    {
        Paper.Scan(_folder.In("scan.pdf"), "This page was scanned");
        ExtractionResult result = Extracted.From(_folder.In("scan.pdf"), new ExtractionOptions { Ocr = false });
        Assert.Empty(result.Texts);
        Assert.Equal(("page 1", SkipReason.NotAskedFor), Extracted.Only(result.Skipped));
    }

    [ProgramFact("gs", "pdftotext")]
    public void A_locked_a_broken_and_an_unwanted_file_say_so()
    {
        Paper.Lock(_folder.In("locked.pdf"), "secret");
        Assert.Equal(SkipReason.Encrypted, Extracted.Skip(_folder.In("locked.pdf")).Reason);
        Paper.Typeset(_folder.In("whole.pdf"), "whole");
        Assert.Equal(SkipReason.NotAskedFor, Extracted.Skip(_folder.In("whole.pdf"), new ExtractionOptions { Pdf = false }).Reason);
        byte[] whole = File.ReadAllBytes(_folder.In("whole.pdf"));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("half.pdf"), whole[..(whole.Length / 3)]));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("no.pdf"), "%PDF-1.4\nthis is no PDF\n"u8.ToArray()));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("zeros.pdf"), new byte[100]));
    }

    [ProgramFact("gs", "pdftotext")]
    public void A_file_is_known_by_its_content_and_any_name_is_safe()
    {
        Paper.Typeset(_folder.In("a.pdf"), "Plain words.");
        foreach (string name in new[] { "-opw.pdf", "really.txt", "two\nlines ; $(x) 'q'.pdf" })
        {
            File.Copy(_folder.In("a.pdf"), _folder.In(name));
            ExtractionResult result = Extracted.From(_folder.In(name));
            Assert.Equal("pdf", result.Kind);
            Assert.Equal(["Plain words."], Extracted.Lines(Assert.Single(result.Texts)));
        }
    }
}
