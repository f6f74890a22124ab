using System.IO.Compression;
using System.Text;
using Habla.Ingestion;

namespace Habla.Tests.Ingestion;

public sealed class DocumentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_back_compressed_or_not()
    {
        Document[] documents =
        [
            Some("a", "plain"), Some("b", "two\nlines \"quoted\" <tag> & 'x'\t\u0001"), Some("c", "汉字 🙂 e\u0301"),
            Some("d", new string('x', 300_000)) with { Part = "page 2" }, Some("e", ""),
        ];
        string path = Write(documents);

        Assert.Equal(documents, DocumentFile.Read(path));
        File.WriteAllBytes(_folder.In("plain.jsonl"), Unpacked(path));
        Assert.Equal(documents, DocumentFile.Read(_folder.In("plain.jsonl")));
    }

    [Fact]
    public void A_line_is_json_with_text_as_it_is()
    {
        string line = Encoding.UTF8.GetString(Unpacked(Write(Some("0f", "it's <b> é汉"))));

        Assert.Equal(
            "{\"id\":\"0f\",\"text\":\"it's <b> é汉\",\"source\":\"a/0f.txt\",\"kind\":\"text\",\"part\":null,\"sha256\":\"00\","
                + "\"extractor\":\"test 1\",\"characters\":11}\n",
            line);
    }

    [Fact]
    public void The_same_documents_give_the_same_bytes_and_no_time_stands_in_them()
    {
        byte[] first = File.ReadAllBytes(Write(Some("a", "x"), Some("b", "y")));
        byte[] second = File.ReadAllBytes(Write(Some("a", "x"), Some("b", "y")));

        Assert.Equal(first, second);
        Assert.Equal(new byte[4], first[4..8]);
    }

    [Fact]
    public void A_file_without_documents_is_read_as_none() => Assert.Empty(DocumentFile.Read(Write()));

    [Fact]
    public void A_file_that_breaks_off_is_refused_after_what_is_whole()
    {
        string path = Write([.. Enumerable.Range(0, 500).Select(i => Some($"{i}", $"text {i} {i * 7919 % 1000}"))]);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        var read = new List<Document>();

        var error = Assert.Throws<InvalidInputException>(() => read.AddRange(DocumentFile.Read(path).Select(document => document)));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Matches(@":\d+: ", error.Message);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{\"id\":\"a\"}")]
    [InlineData("{\"id\":\"a\",\"text\":null,\"source\":\"a\",\"kind\":\"text\",\"part\":null,\"sha256\":\"\",\"extractor\":\"\",\"characters\":1}")]
    public void A_line_that_is_no_document_is_named(string line)
    {
        byte[] good = Unpacked(Write(Some("a", "x")));
        string path = _folder.In("bad.jsonl");
        File.WriteAllBytes(path, [.. good, .. Encoding.UTF8.GetBytes(line + "\n"), .. good]);

        var error = Assert.Throws<InvalidInputException>(() => DocumentFile.Read(path).Count());

        Assert.StartsWith($"{path}:2: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_with_what_makes_one()
    {
        var error = Assert.Throws<InvalidInputException>(() => DocumentFile.Read(_folder.In("none.jsonl.gz")).Any());

        Assert.Contains("none.jsonl.gz", error.Message, StringComparison.Ordinal);
        Assert.Contains("habla ingest", error.Message, StringComparison.Ordinal);
    }

    private static Document Some(string id, string text) =>
        new(id, text, $"a/{id}.txt", "text", null, "00", "test 1", text.EnumerateRunes().Count());

    private string Write(params Document[] documents)
    {
        string path = _folder.In("documents.jsonl.gz");
        DocumentFile.Write(path, writer => Array.ForEach(documents, writer.Write));
        return path;
    }

    private static byte[] Unpacked(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
