using Habla.Data;
using Habla.Tokenization;

namespace Habla.Tests.Data;

public sealed class SentenceDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Tokenizer _tokenizer = TokenizerTrainer.Train(
        new TokenizerOptions { Kind = "char", VocabularySize = 47 }, new TrainingText([""]) { Reserved = ReservedAlphabet.Verbs });

    private readonly DataOptions _options = new() { TrainPath = "unused" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inputs_targets_and_masks_line_up()
    {
        SentenceDataset data = Load(6, """{"text": "abc"}""", """{"text": "a"}""");
        Batch batch = data.EvaluationBatches(2).Single();
        int a = Id("a"), b = Id("b"), c = Id("c");
        Assert.Equal([1, a, b, c, 0, 0, /**/ 1, a, 0, 0, 0, 0], batch.Inputs);
        Assert.Equal([a, b, c, 2, 0, 0, /**/ a, 2, 0, 0, 0, 0], batch.Targets);
        Assert.Equal([true, true, true, true, false, false, /**/ true, true, false, false, false, false], batch.LossMask);
        Assert.Equal(batch.LossMask, batch.KeyMask);
        Assert.Equal(6, batch.TargetCount);
        Assert.Equal([0L, 1L], batch.SampleIds);
    }

    [Fact]
    public void A_sequence_may_have_one_token_more_than_the_context()
    {
        Batch batch = Load(4, """{"text": "abc"}""").EvaluationBatches(1).Single();
        Assert.Equal([1, Id("a"), Id("b"), Id("c")], batch.Inputs);
        Assert.Equal([Id("a"), Id("b"), Id("c"), 2], batch.Targets);
    }

    [Fact]
    public void A_pair_becomes_one_line()
    {
        SentenceDataset data = Load(32, """{"id": "form/1", "text": "I walk", "spanish": "yo camino", "label": "correct"}""");
        Assert.Equal("<bos>es:yo camino / en:I walk<eos>", _tokenizer.Decode(data.Sequences[0], skipSpecial: false));
        Assert.Equal("form/1", data.Rows[0].Id);
    }

    [Fact]
    public void A_row_too_long_is_an_error_that_names_file_line_and_row()
    {
        string path = Write("""{"text": "ab"}""", "", """{"id": "form/go", "text": "abcd"}""");
        var error = Assert.Throws<InvalidInputException>(() => SentenceDataset.Load(path, _tokenizer, 4, _options));
        Assert.Equal(
            $"{path}:3: row 'form/go' is 6 tokens long with <bos> and <eos>, but a context of 4 takes 5: \"abcd\". "
            + "Shorten the row, raise model.max_seq_len, or cut such rows with data.truncate: true.",
            error.Message);
    }

    [Fact]
    public void Long_context_sentences_are_left_out_and_counted_or_an_error()
    {
        string path = Write("""{"text": "ab"}""", """{"id": "context/1", "text": "abcd"}""", """{"id": "context/2", "text": "a"}""");
        SentenceDataset data = SentenceDataset.Load(path, _tokenizer, 4, _options);
        Assert.Equal(new DatasetReport(3, 2, 0, 1, 0, 5, 0, 4), data.Report);
        Assert.Throws<InvalidInputException>(() => SentenceDataset.Load(path, _tokenizer, 4, _options with { LongSentences = "error" }));
    }

    [Fact]
    public void Truncation_cuts_what_the_filter_leaves_and_counts_it()
    {
        string path = Write("""{"id": "form/go", "text": "abcdef"}""");
        SentenceDataset data = SentenceDataset.Load(path, _tokenizer, 4, _options with { Truncate = true });
        Assert.Equal([1, Id("a"), Id("b"), Id("c"), Id("d")], data.Sequences[0]);
        Assert.Equal(1, data.Report.TruncatedRows);
    }

    [Fact]
    public void Mis_conjugated_rows_are_left_out_unless_asked_for_and_unknown_characters_are_counted()
    {
        string path = Write("""{"text": "he walk", "label": "mis_conjugated"}""", """{"text": "a😀😀"}""");
        DatasetReport report = SentenceDataset.Load(path, _tokenizer, 32, _options).Report;
        Assert.Equal((2, 1, 1, 2), (report.RowsRead, report.RowsUsed, report.MisConjugatedRows, report.UnknownTokens));
        Assert.Equal(2, SentenceDataset.Load(path, _tokenizer, 32, _options with { MisConjugated = true }).Count);
    }

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": ", ":2: not valid JSON at byte")]
    [InlineData("[1]", ":1: expected a JSON object, found [1]")]
    [InlineData("{\"id\": \"x\"}", ":1: the key 'text' is missing")]
    [InlineData("{\"text\": 5}", ":1: the key 'text' is 5; expected a text")]
    [InlineData("{\"text\": \"a\", \"label\": \"corect\"}", ":1: the key 'label' is \"corect\"; expected correct or mis_conjugated")]
    [InlineData("\n\n", ": holds no rows")]
    [InlineData("", ": the file is empty")]
    [InlineData("{\"text\": \"a\", \"label\": \"mis_conjugated\"}", ": no sequence is left of 1 rows: 1 are mis-conjugated")]
    public void A_bad_file_is_an_error_that_says_where(string content, string expected)
    {
        string path = Path.Combine(_folder.Path, "bad.jsonl");
        File.WriteAllText(path, content);
        var error = Assert.Throws<InvalidInputException>(() => SentenceDataset.Load(path, _tokenizer, 8, _options));
        Assert.StartsWith(path + expected, error.Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_missing_files_are_errors()
    {
        string path = Path.Combine(_folder.Path, "latin1.txt");
        File.WriteAllBytes(path, [0x61, 0xF1, 0x6F]);
        Assert.Contains("not UTF-8", Assert.Throws<InvalidInputException>(() => TextFile.Read(path)).Message);
        Assert.Contains("no/such.txt", Assert.Throws<InvalidInputException>(() => TextFile.Read("no/such.txt")).Message);
    }

    [Fact]
    public void Tokenizers_learn_from_correct_forms_and_from_sentences_only_when_asked()
    {
        string path = Write(
            """{"id": "form/1", "text": "a"}""", """{"id": "context/1", "text": "b"}""",
            """{"id": "mis/1", "text": "c", "label": "mis_conjugated"}""");
        Assert.Equal(["a"], TrainingTextFiles.Read([path]).Lines);
        Assert.Equal(["a", "b"], TrainingTextFiles.Read([path], contextSentences: true).Lines);
        Assert.Throws<InvalidInputException>(() => TrainingTextFiles.Read([path, "b.txt"]));
    }

    private int Id(string piece) => _tokenizer.Encode(piece).Ids.Single();

    private SentenceDataset Load(int sequenceLength, params string[] lines) =>
        SentenceDataset.Load(Write(lines), _tokenizer, sequenceLength, _options);

    private string Write(params string[] lines)
    {
        string path = Path.Combine(_folder.Path, "rows.jsonl");
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }
}
