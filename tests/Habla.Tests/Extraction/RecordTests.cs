using System.Text;
using Habla.Extraction;

namespace Habla.Tests.Extraction;

/// <summary>Tables and JSON.</summary>
public sealed class RecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.csv", "name,says\nAna,\"hola, \"\"tú\"\"\"\n\nEva,\"two\nlines\"\n")]
    [InlineData("b.csv", "name;says\r\nAna;hola, \"tú\"\r\nEva;two lines")]
    [InlineData("c.tsv", "name\tsays\nAna\thola, \"tú\"\nEva\ttwo lines\n")]
    [InlineData("d.csv", "name|says\nAna|hola, \"tú\"\nEva|two lines\n")]
    public void A_table_is_a_line_a_row(string name, string table)
    {
        ExtractionResult result = Extracted.From(_folder.In(name), Encoding.UTF8.GetBytes(table));
        Assert.Equal("name\tsays\nAna\thola, \"tú\"\nEva\ttwo lines\n", Assert.Single(result.Texts).Text);
        Assert.Equal(name[2..], result.Kind);
    }

    [Fact]
    public void Each_line_of_json_is_a_record()
    {
        const string lines =
            "{\"text\":\"one\\r\\ntwo\"}\n\n{\"title\":\"none\"}\n{\"text\":3}\n"
            + "broken\n[1]\n{\"text\":\"ñ \\ud83d\\ude42\"}\n{\"text\":\"\"}\n";
        ExtractionResult result = Extracted.From(_folder.In("a.jsonl"), Encoding.UTF8.GetBytes(lines));
        Assert.Equal([("record 1", "one\ntwo"), ("record 7", "ñ 🙂")], result.Texts.Select(text => (text.Part, text.Text)));
        Assert.Equal(
            [
                ("record 3", SkipReason.Empty, "it has no field text"), ("record 4", SkipReason.Empty, "its field text is no text"),
                ("record 6", SkipReason.Empty, "it has no field text"), ("record 8", SkipReason.Empty, "it has no text"),
            ],
            result.Skipped.Where(skip => skip.Reason == SkipReason.Empty).Select(skip => (skip.Part, skip.Reason, skip.Detail)));
        Assert.Equal("record 5", Assert.Single(result.Skipped, skip => skip.Reason == SkipReason.Broken).Part);
    }

    [Fact]
    public void A_field_may_lie_within_another()
    {
        var options = new ExtractionOptions { JsonField = "message.body" };
        byte[] file = "[{\"message\":{\"body\":\"in\"}},{\"message.body\":\"dotted\"},{\"message\":\"no\"}]"u8.ToArray();
        ExtractionResult result = Extracted.From(_folder.In("a.json"), file, options);
        Assert.Equal([("record 1", "in"), ("record 2", "dotted")], result.Texts.Select(text => (text.Part, text.Text)));
        Assert.Equal(("record 3", SkipReason.Empty), Extracted.Only(result.Skipped));
        Assert.Null(Assert.Single(Extracted.From(_folder.In("b.json"), "{\"message\":{\"body\":\"all\"}}"u8.ToArray(),
            options).Texts).Part);
    }

    [Fact]
    public void What_is_no_record_is_named_once_it_is_enough()
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":1}\n", 250)));
        ExtractionResult result = Extracted.From(_folder.In("a.jsonl"), lines);
        Assert.Equal(101, result.Skipped.Count);
        Assert.Equal(("and 150 more", 150), (result.Skipped[^1].Detail, result.Skipped[^1].Count));
        byte[] empty = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"text\":\"\"}\n{\n", 200)));
        Assert.Equal(
            [
                ("record 199", SkipReason.Empty, 1), ("record 200", SkipReason.Broken, 1),
                (null, SkipReason.Empty, 100), (null, SkipReason.Broken, 100),
            ],
            Extracted.From(_folder.In("b.jsonl"), empty).Skipped.TakeLast(4).Select(skip => (skip.Part, skip.Reason, skip.Count)));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("deep.json"), Encoding.UTF8.GetBytes(new string('[', 100_000))));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("half.json"), "{\"text\":\"breaks"u8.ToArray()));
        Assert.Equal(SkipReason.Broken, Extracted.Reason(_folder.In("pair.json"), "{\"text\":\"\\ud83d\"}"u8.ToArray()));
    }
}
