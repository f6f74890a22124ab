using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Habla.Corpus;

namespace Habla.Tests.Corpus;

public sealed class CorpusFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("habla-corpus-").FullName;

    private string RowsPath => Path.Combine(_folder, "rows.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back()
    {
        IReadOnlyList<CorpusRow> rows = CorpusBuilder.Build(42);
        CorpusFile.Write(RowsPath, rows);
        Assert.Equal(rows, CorpusFile.Read(RowsPath));
    }

    [Fact]
    public void A_row_is_one_object_with_fourteen_keys_in_order()
    {
        string line = Encoding.UTF8.GetString(CorpusFile.ToBytes([Row("form/walk/past_simple/3sg")]));
        Assert.Equal(
            """
            {"id":"form/walk/past_simple/3sg","text":"he walked","spanish":"él caminó","verb_lemma":"walk","spanish_lemma":"caminar","tense":"past_simple","person":"3sg","english_regularity":"regular","spanish_regularity":"regular","label":"correct","mis_conjugation_type":null,"correct_form":null,"seed":42,"fingerprint":"
            """ + CorpusText.Fingerprint("he walked", "él caminó") + "\"}\n",
            line);
    }

    [Fact]
    public void Any_text_survives_the_round_trip() => Prop.ForAll<NonNull<string>, NonNull<string>>((text, spanish) =>
    {
        CorpusRow row = Row("form/walk/infinitive") with
        {
            Text = "x" + Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)),
            Spanish = "ñ\n\"" + Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(spanish.Get)),
        };
        byte[] bytes = CorpusFile.ToBytes([row]);
        (CorpusRow? back, _, _) = RowJson.Read(Encoding.UTF8.GetString(bytes));
        return row == back && bytes.Count(value => value == '\n') == 1;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\"tense\":\"past_simple\"", "\"tense\":\"past\"", "row 'form/walk/past_simple/3sg': key 'tense' is \"past\"; "
        + "expected infinitive,")]
    [InlineData("\"tense\":\"past_simple\"", "\"tense\":2", "key 'tense' is 2")]
    [InlineData("\"tense\":\"past_simple\"", "\"tense\":null", "key 'tense' is null")]
    [InlineData("\"person\":\"3sg\"", "\"person\":\"he\"", "expected 1sg, 2sg, 3sg or null")]
    [InlineData("\"spanish\":\"él caminó\",", "", "key 'spanish' is missing")]
    [InlineData("\"text\":\"he walked\"", "\"text\":\"\"", "key 'text' is \"\"; expected a text")]
    [InlineData("\"text\":\"he walked\"", "\"text\":[1]", "key 'text' is a list")]
    [InlineData("\"seed\":42", "\"seed\":-1", "key 'seed' is -1; expected a whole number")]
    [InlineData("\"seed\":42", "\"seed\":42,\"seed\":43", "key 'seed' stands twice")]
    [InlineData("\"seed\":42", "\"seed\":42,\"sed\":1", "unknown key 'sed'")]
    [InlineData("\"text\":\"he walked\"", "\"text\":\"he \\ud800\"", "half a character")]
    [InlineData("{\"id\"", "[{\"id\"", "not valid JSON")]
    [InlineData("{\"id\":\"form/walk/past_simple/3sg\"", "{\"id\":7", "key 'id' is 7")]
    public void A_bad_row_is_named_by_file_line_and_id(string good, string bad, string expected)
    {
        string text = Encoding.UTF8.GetString(CorpusFile.ToBytes([Row("form/walk/infinitive"), Row("form/walk/past_simple/3sg")]));
        string[] lines = text.Split('\n');
        Assert.Contains(good, lines[1], StringComparison.Ordinal);
        File.WriteAllText(RowsPath, lines[0] + "\n\n" + lines[1].Replace(good, bad, StringComparison.Ordinal) + "\n");

        var error = Assert.Throws<InvalidInputException>(() => CorpusFile.Read(RowsPath));
        Assert.StartsWith($"{RowsPath}:3: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Single(CorpusFile.Scan(RowsPath).Rows);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{")]
    public void A_line_that_is_no_object_is_named(string line)
    {
        File.WriteAllText(RowsPath, line);
        Assert.Contains(
            $"{RowsPath}:1", Assert.Throws<InvalidInputException>(() => CorpusFile.Read(RowsPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_empty_or_binary_file_is_named()
    {
        Assert.Contains("missing.jsonl", Assert.Throws<InvalidInputException>(() => CorpusFile.Read(Path.Combine(_folder, "missing.jsonl")))
            .Message, StringComparison.Ordinal);
        Assert.Contains(_folder, Assert.Throws<InvalidInputException>(() => CorpusFile.Read(_folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(RowsPath, "\n");
        Assert.Contains("no rows", Assert.Throws<InvalidInputException>(() => CorpusFile.Read(RowsPath)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(RowsPath, [0xC3, 0x28, 0x0A]);
        Assert.Contains(
            "not UTF-8", Assert.Throws<InvalidInputException>(() => CorpusFile.Read(RowsPath)).Message, StringComparison.Ordinal);
    }

    private static CorpusRow Row(string id) => CorpusBuilder.Build(42).Single(row => row.Id == id);
}
