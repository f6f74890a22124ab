using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

public sealed class MarkupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Markdown_loses_its_marks_and_keeps_its_order()
    {
        const string page = """
            ---
            title: hidden
            ---
            # Verbs

            Some *words* with a [link](https://example.org "no") and `code`,
            on two lines.

            - one
              - inner
            - two

            3. third
            4. fourth

            ```python
            def f():
                return 1
            ```

            | verb | means |
            |------|-------|
            | hablar | to **speak** |

            > quoted &amp; <b>bold</b>
            """;
        Assert.Equal("""
            Verbs

            Some words with a link and code, on two lines.

            - one
              - inner
            - two

            3. third
            4. fourth

            def f():
                return 1

            verb	means
            hablar	to speak

            quoted & bold
            """, Text("a.md", page, "markdown"));
    }

    [Fact]
    public void A_page_is_read_as_one_reads_it()
    {
        const string page = """
            <!DOCTYPE html><html><head><title> A  page </title><style>p { color: red }</style><script>var x = "<p>no</p>";</script></head>
            <body><nav><a href="/">Home</a></nav><h1>Caf&eacute; &amp; bar</h1><p>One<b>two</b> three<br>four
            five</p><div>six<div>seven</div>eight</div><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td></td><td>2</td></tr></table>
            <pre>  kept
               as is</pre><ol start=5><li>fifth<li>sixth</ol><noscript>turn it on</noscript><p hidden>unseen</p>
            <p>&lt;not a tag&gt; &#x1F642; a&nbsp;b<!-- no -->c</p><form><input value="no"><button>Go</button></form></body></html>
            """;
        const string expected = """
            A page

            Café & bar

            Onetwo three
            four five

            six
            seven
            eight

            a	b
            1		2

              kept
               as is

            5. fifth
            6. sixth

            <not a tag> 🙂 a b c
            """;
        Assert.Equal(expected.Replace("a b c", "a\u00a0bc", StringComparison.Ordinal), Text("a.html", page, "html"));
        Assert.Equal(expected.Replace("a b c", "a\u00a0bc", StringComparison.Ordinal), Text("really.txt", page, "html"));
    }

    [Fact]
    public void A_page_says_its_encoding()
    {
        byte[] page = [.. "<html><meta charset=windows-1252><p>"u8, 0x93, .. "a"u8, 0x94, 0x20, 0x80, .. "</p>"u8];
        ExtractionResult result = Extracted.From(_folder.In("old.html"), page);
        Assert.Equal(("“a” €", 0), (Assert.Single(result.Texts).Text, result.Latin1Fallbacks));
    }

    [Fact]
    public void Awkward_pages_come_to_an_end()
    {
        string deep = string.Concat(Enumerable.Repeat("<div>", 20_000)) + "deep";
        Assert.Equal("deep", Text("deep.html", deep, "html"));
        Assert.Equal("open", Text("open.html", "<p <b>open</i></table><td>", "html"));
        Assert.Equal(SkipReason.Empty, Extracted.Reason(_folder.In("script.html"), "<script>only()</script>"u8.ToArray()));
    }

    [Theory]
    [InlineData("a.html", "<ol start=5>", "<li>item", "</ol>", "html", 5)]
    [InlineData("a.html", "<ol>", "<li><b>item</b><ul><li></ul>\n", "</ol>", "html", 1)]
    [InlineData("a.md", "", "1. item\n", "", "markdown", 1)]
    [InlineData("b.md", "", "1. item\n\n", "", "markdown", 1)]
    public void A_long_list_is_counted_once(string name, string start, string item, string end, string kind, int first)
    {
        string page = start + string.Concat(Enumerable.Repeat(item, 20_000)) + end;
        Assert.Equal(
            Enumerable.Range(first, 20_000).Select(number => $"{number}. item"),
            Text(name, page, kind).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Empty_items_and_cells_leave_nothing_behind() => Assert.Equal(
        "a\nb\t\tc\n\n- d",
        Text("a.html", "<table><tr><td>a<td><td></tr><tr><td>b<td><td>c</table><ul><li><li>d</ul>", "html"));

    [Fact]
    public void A_book_gives_its_chapters_in_reading_order()
    {
        Zipped.Write(_folder.In("a.epub"),
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", """
                <?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
                <rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
                """),
            ("OEBPS/book.opf", """
                <?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><manifest>
                <item id="z" href="text/last%20one.xhtml"/><item id="a" href="text/first.xhtml"/><item id="gone" href="gone.xhtml"/>
                <item id="beside" href="beside.xhtml" media-type="application/xhtml+xml"/>
                <item id="picture" href="a.png" media-type="image/png"/></manifest>
                <spine><itemref idref="a"/><itemref idref="gone"/><itemref idref="z"/></spine></package>
                """),
            ("OEBPS/text/last one.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>The end.</p></body></html>"),
            ("OEBPS/text/first.xhtml",
            "<?xml version='1.0'?><html><head><title>One</title></head><body><h1>One</h1><p>Once.</p></body></html>"),
            ("OEBPS/beside.xhtml", "<p>not in the spine</p>"));
        ExtractionResult result = Extracted.From(_folder.In("a.epub"));
        Assert.Equal("epub", result.Kind);
        Assert.Equal([("chapter 1", "One\n\nOnce."), ("chapter 3", "The end."), ("page OEBPS/beside.xhtml", "not in the spine")],
            result.Texts.Select(text => (text.Part, text.Text)));
        Assert.Equal(("chapter 2", SkipReason.Broken), Extracted.Only(result.Skipped));
    }

    [Fact]
    public void A_locked_book_says_so()
    {
        Zipped.Write(_folder.In("a.epub"), ("META-INF/container.xml", "<container/>"), ("META-INF/encryption.xml", """
            <encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>
            <enc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></enc:EncryptedData></encryption>
            """));
        Assert.Equal(SkipReason.Encrypted, Extracted.Skip(_folder.In("a.epub")).Reason);
    }

    private string Text(string name, string page, string kind)
    {
        ExtractionResult result = Extracted.From(_folder.In(name), Encoding.UTF8.GetBytes(page));
        Assert.Equal(kind, result.Kind);
        Assert.Empty(result.Skipped);
        return Assert.Single(result.Texts).Text;
    }
}
