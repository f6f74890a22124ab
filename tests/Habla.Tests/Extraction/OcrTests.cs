using Habla.Extraction;

namespace Habla.Tests.Extraction;

public sealed class OcrTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProgramFact("gs", "tesseract")]
    public void Pictures_of_every_kind_are_read()
    {
        (string Name, string Device)[] kinds =
            [("a.png", "pnggray"), ("a.jpg", "jpeg"), ("a.bmp", "bmpgray"), ("a.tiff", "tiffgray"), ("a.gif", ""), ("lies.txt", "pnggray")];
        foreach ((string name, string device) in kinds)
        {
            if (device.Length > 0)
            {
                Paper.Picture(_folder.In(name), device, "Words in a picture");
            }
            else
            {
                Paper.Gif(_folder.In(name), "Words in a picture");
            }

            ExtractionResult result = Extracted.From(_folder.In(name));
            ExtractedText text = Assert.Single(result.Texts);
            Assert.Equal((name, "image", "image", null), (name, result.Kind, text.Kind, text.Part));
            Assert.Equal(["Words in a picture"], Extracted.Lines(text));
            Assert.Empty(result.Skipped);
        }
    }

    [ProgramFact("gs", "tesseract")]
    public void Each_page_of_a_fax_is_a_part()
    {
        string page = "%!PS\n<< /PageSize [612 792] >> setpagedevice /Helvetica findfont 24 scalefont setfont\n";
        Tool.Run("gs", ["-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=tiffg4", "-r200", $"-sOutputFile={_folder.In("fax.tif")}", "-"],
            page + "72 700 moveto (first of two) show showpage 72 700 moveto (second of two) show showpage\n");
        ExtractionResult result = Extracted.From(_folder.In("fax.tif"));
        Assert.Equal([("page 1", "first of two"), ("page 2", "second of two")], result.Texts.Select(text => (text.Part, text.Text.Trim())));
    }

    [ProgramFact("gs", "tesseract")]
    public void A_picture_without_text_says_why()
    {
        Assert.Equal(SkipReason.Empty, Extracted.Reason(_folder.In("none.png"), []));
        Paper.Picture(_folder.In("white.png"), "pnggray", "");
        Assert.Equal(SkipReason.Empty, Extracted.Skip(_folder.In("white.png")).Reason);
        Assert.Equal(SkipReason.NotAskedFor, Extracted.Skip(_folder.In("white.png"), new ExtractionOptions { Ocr = false }).Reason);
        byte[] whole = File.ReadAllBytes(_folder.In("white.png"));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("half.png"), whole[..(whole.Length / 2)]));
        SkippedPart skip = Extracted.Skip(_folder.In("white.png"), new ExtractionOptions { OcrLanguage = "eng+tlh" });
        Assert.Equal(SkipReason.ProgramMissing, skip.Reason);
        Assert.Contains("apt-get install tesseract-ocr-tlh", skip.Detail, StringComparison.Ordinal);
    }

    [ProgramFact("gs", "tesseract", "prlimit")]
    public void Memory_is_limited()
    {
        Paper.Picture(_folder.In("a.png"), "png16m", "Words in a picture", 600);
        SkippedPart skip = Extracted.Skip(_folder.In("a.png"), new ExtractionOptions { MemoryLimitMb = 128 });
        Assert.Equal((SkipReason.TooMuchMemory, "tesseract needs more than 128 MiB for it"), (skip.Reason, skip.Detail));
    }
}
