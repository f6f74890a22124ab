using System.Globalization;
using System.Text;

namespace Habla.Tests.Extraction;

/// <summary>Pages as real programs make them: typeset by Ghostscript, rendered, scanned, locked.</summary>
internal static class Paper
{
    /// <summary>A PDF file by Ghostscript, a page for each text.</summary>
    public static void Typeset(string path, params string[] pages) => Ghostscript(path, ["-sDEVICE=pdfwrite"], PostScript(pages));

    /// <summary>A PDF file that opens with a password alone.</summary>
    public static void Lock(string path, string text) => Ghostscript(
        path, ["-sDEVICE=pdfwrite", "-sOwnerPassword=owner", "-sUserPassword=user", "-dEncryptionR=3", "-dKeyLength=128"],
        PostScript([text]));

    /// <summary>A picture of a page of text.</summary>
    /// <param name="path">The file to make.</param>
    /// <param name="device">Ghostscript's name for the kind of picture, such as <c>pnggray</c>.</param>
    /// <param name="text">What stands on it.</param>
    /// <param name="dotsPerInch">How fine it is.</param>
    public static void Picture(string path, string device, string text, int dotsPerInch = 200) =>
        Ghostscript(path, [$"-sDEVICE={device}", $"-r{dotsPerInch}"], PostScript([text]));

    /// <summary>
    /// A page of text as GIF, which Ghostscript does not write: 128 greys in codes of 8 bits, and a code that empties the table before
    /// codes would become longer.
    /// </summary>
    public static void Gif(string path, string text)
    {
        Picture(path + ".pgm", "pgmraw", text);
        byte[] page = File.ReadAllBytes(path + ".pgm"), pixels = page[^(1700 * 2200)..];
        byte[] greys = [.. Enumerable.Range(0, 128).SelectMany(grey => Enumerable.Repeat((byte)(grey * 255 / 127), 3))];
        byte[] codes = [.. pixels.Chunk(100).SelectMany(some => some.Select(pixel => (byte)(pixel >> 1)).Prepend((byte)128)), 129];
        byte[] size = [1700 & 255, 1700 >> 8, 2200 & 255, 2200 >> 8];
        File.WriteAllBytes(path,
        [
            .. "GIF89a"u8, .. size, 0xf6, 0, 0, .. greys, (byte)',', 0, 0, 0, 0, .. size, 0, 7,
            .. codes.Chunk(255).SelectMany(block => block.Prepend((byte)block.Length)), 0, (byte)';',
        ]);
    }

    /// <summary>A PDF file whose pages are pictures, as a scanner makes it: JPEG in PDF objects, assembled here byte by byte.</summary>
    public static void Scan(string path, params string[] pages)
    {
        using var file = new MemoryStream();
        var places = new List<long>();
        Write("%PDF-1.4\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        string kids = string.Join(' ', pages.Select((_, page) => Invariant($"{3 + (3 * page)} 0 R")));
        Object(Invariant($"<< /Type /Pages /Count {pages.Length} /Kids [{kids}] >>"));
        foreach (string text in pages)
        {
            string picture = path + ".jpg";
            Picture(picture, "jpeggray", text);
            byte[] jpeg = File.ReadAllBytes(picture);
            int number = places.Count + 1;
            Object(Invariant($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {number + 1} 0 R ")
                + Invariant($"/Resources << /XObject << /Scan {number + 2} 0 R >> >> >>"));
            Stream("", "q 612 0 0 792 0 0 cm /Scan Do Q"u8.ToArray());
            Stream("/Type /XObject /Subtype /Image /Width 1700 /Height 2200 "
                + "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode ",
                jpeg);
        }

        long table = file.Length;
        Write(Invariant($"xref\n0 {places.Count + 1}\n0000000000 65535 f \n"));
        places.ForEach(place => Write(Invariant($"{place:0000000000} 00000 n \n")));
        Write(Invariant($"trailer << /Size {places.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        File.WriteAllBytes(path, file.ToArray());

        void Object(string content)
        {
            places.Add(file.Length);
            Write(Invariant($"{places.Count} 0 obj\n{content}\nendobj\n"));
        }

        void Stream(string keys, byte[] content)
        {
            places.Add(file.Length);
            Write(Invariant($"{places.Count} 0 obj\n<< {keys}/Length {content.Length} >>\nstream\n"));
            file.Write(content);
            Write("\nendstream\nendobj\n");
        }

        void Write(string text) => file.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Letter pages with one line of text every two centimetres.</summary>
    private static string PostScript(string[] pages) => "%!PS\n<< /PageSize [612 792] >> setpagedevice\n" +
        string.Concat(pages.Select(text =>
        "/Helvetica findfont 20 scalefont setfont\n" + string.Concat(text.Split('\n').Select((line, number) =>
            Invariant($"72 {700 - (57 * number)} moveto ({line}) show\n"))) + "showpage\n"));

    private static void Ghostscript(string path, string[] options, string page) =>
        Tool.Run("gs", ["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", .. options, $"-sOutputFile={path}", "-"], page);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
