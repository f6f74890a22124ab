using Habla.Data.Shards;
using Habla.Ingestion;
using Habla.Tokenization;

namespace Habla.Tests.Data.Shards;

public sealed class ShardBuildTests : IDisposable
{
    private static readonly string[] s_lines =
        [.. File.ReadAllLines(Path.Combine(Repository.Root, "data", "sonnets.txt")).Where(line => line.Length > 0)];

    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer = Tokenizer();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_number_of_threads_gives_the_same_files_in_the_documents_order()
    {
        SourceText[] texts = Texts();
        Write("one", texts, new() { Threads = 1, ShardTokens = 300 });
        Write("two", texts, new() { Threads = 2, ShardTokens = 300 });
        Assert.Equal(Files("one"), Files("two"));
        using TokenShards shards = TokenShards.Open(_folder.In("one"));
        Assert.Equal(s_lines, TextsOf(shards));
        Assert.Equal(s_lines.Sum(line => line.Length), shards.Index!.TextBytes);
        Assert.Equal("line 0", shards.SourceOf(0).Document);
    }

    [Fact]
    public void A_split_writes_each_document_to_one_side_and_reads_it_there()
    {
        SourceText[] texts = Texts();
        long told = 0;
        ShardBuildResult result = Write(
            "split", texts, new() { ValidationFraction = 0.3, Seed = 5, Progress = (documents, _) => told = documents });
        using TokenShards train = TokenShards.Open(_folder.In("split/train")), validation = TokenShards.Open(_folder.In("split/val"));
        string[] trained = TextsOf(train), validated = TextsOf(validation);
        Assert.Equal(s_lines.Order(), trained.Concat(validated).Order());
        Assert.Equal(s_lines.Where((_, i) => result.Split!.IsValidation(i)), validated);
        Assert.Equal((s_lines.Length, 0), ((int)told, result.Split!.Leaks));
        Assert.Equal((train.Length, validation.Length), (result.Train.Tokens, result.Validation!.Tokens));

        Assert.Contains("--force", Assert.Throws<InvalidInputException>(() => Write("split", texts, new())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "name", Assert.Throws<InvalidInputException>(() => TokenShards.Open(_folder.In("split"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_whole_and_is_split_anew_leaves_nothing_behind_and_sides_of_different_splits_are_refused()
    {
        SourceText[] texts = Texts();
        Write("s", texts, new() { ShardTokens = 300 });
        Write("whole", texts, new());
        Write("s", texts, new() { ShardTokens = 300, ValidationFraction = 0.3, Seed = 5, Replace = true });
        Write("other", texts, new() { ValidationFraction = 0.3, Seed = 6 });
        Assert.Equal([_folder.In("s/train"), _folder.In("s/val")], Directory.EnumerateFileSystemEntries(_folder.In("s"))
            .Where(path => Path.GetFileName(path) != ShardIndex.TokenizerFileName).Order());

        using TokenShards train = TokenShards.Open(_folder.In("s/train")), validation = TokenShards.Open(_folder.In("s/val"));
        using TokenShards whole = TokenShards.Open(_folder.In("whole")), other = TokenShards.Open(_folder.In("other/val"));
        Assert.Equal(("train", "val"), (train.Index!.Split!.Side, validation.Index!.Split!.Side));
        Assert.Null(whole.Index!.Split);
        ShardSplit.RefuseLeak(train, validation);
        ShardSplit.RefuseLeak(whole, whole);
        Assert.Contains("different splits", Refused(train, other), StringComparison.Ordinal);
        Assert.Contains("both hold line", Refused(whole, validation), StringComparison.Ordinal);
        Assert.Contains("both hold line", Refused(train, whole), StringComparison.Ordinal);

        Write("s", texts, new() { Replace = true });
        Assert.False(File.Exists(_folder.In("s/train/shards.json")) || File.Exists(_folder.In("s/val/shard-00000.habla")));

        static string Refused(TokenShards train, TokenShards validation) =>
            Assert.Throws<InvalidInputException>(() => ShardSplit.RefuseLeak(train, validation)).Message;
    }

    [Fact]
    public void What_cannot_be_split_or_encoded_is_said()
    {
        Assert.Contains("--val-fraction", Assert.Throws<InvalidInputException>(
            () => Write("x", [new("only", "Shall I compare thee")], new() { ValidationFraction = 0.5 })).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => Write("x", Texts(), new() { ValidationFraction = 1 }));
        Assert.Contains("no text", Assert.Throws<InvalidInputException>(() => Write("x", [], new())).Message, StringComparison.Ordinal);
        Tokenizer narrow = TokenizerTrainer.Train(
            new TokenizerOptions { Kind = "char", VocabularySize = 3, SpecialTokens = false }, new TrainingText(["abc"]));
        string message = Assert.Throws<InvalidInputException>(() => ShardBuild.Write(
            [new("good", "abc"), new("first bad", "abd"), new("bad", "xyz")], narrow, _folder.In("x"), new())).Message;
        Assert.StartsWith("first bad: ", message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.In("x/shards.json")));
    }

    [Fact]
    public void Documents_of_an_ingestion_and_text_files_are_read_with_ids_that_lead_back()
    {
        string documents = _folder.In("documents.jsonl.gz"), text = _folder.In("a.txt");
        DocumentFile.Write(documents, writer =>
        {
            writer.Write(new Document("0123456789abcdef", "Thou art", "b/book.pdf", "pdf", "page 3", new string('0', 64), "pdftotext 1", 8));
            writer.Write(new Document("1123456789abcdef", "more lovely", "c.md", "markdown", null, new string('0', 64), "Markdig 1", 11));
            writer.Write(new Document("2123456789abcdef", "and more", "a.zip", "xlsx", "b.xlsx, sheet x, y", new string('1', 64), "x", 8));
            writer.Write(new Document("3123456789abcdef", "temperate", "d.jsonl", "jsonl", "record 2", new string('2', 64), "x", 9));
        });
        File.WriteAllText(text, "Rough winds");
        Assert.Equal(
            [
                new("0123456789abcdef b/book.pdf#page 3", "Thou art", new string('0', 64) + " b/book.pdf"),
                new("1123456789abcdef c.md", "more lovely", new string('0', 64) + " c.md"),
                new("2123456789abcdef a.zip#b.xlsx, sheet x, y", "and more", new string('1', 64) + " a.zip#b.xlsx"),
                new("3123456789abcdef d.jsonl#record 2", "temperate"),
                new(text, "Rough winds", text),
            ],
            SourceTexts.Read([documents, text]));
        Assert.Equal(SourceTexts.Read([documents]), SourceTexts.Read([_folder.Path]));
        Assert.Throws<InvalidInputException>(() => SourceTexts.Read([_folder.In("none.txt")]).ToList());
    }

    private static SourceText[] Texts() => [.. s_lines.Select((line, i) => new SourceText($"line {i}", line))];

    private static Tokenizer Tokenizer()
    {
        var text = new TrainingText(s_lines);
        var options = new TokenizerOptions { Kind = "char" };
        return TokenizerTrainer.Train(
            options with { VocabularySize = TokenizerTrainer.CharacterVocabularySize(options, text) }, text);
    }

    private ShardBuildResult Write(string name, SourceText[] texts, ShardBuildOptions options) =>
        ShardBuild.Write(texts, _tokenizer, _folder.In(name), options);

    private string[] TextsOf(TokenShards shards)
    {
        int[] ids = new int[shards.Length];
        shards.Copy(0, ids);
        string text = _tokenizer.Decode(ids, skipSpecial: false).Replace("<bos>", "", StringComparison.Ordinal);
        return text.Split("<eos>", StringSplitOptions.RemoveEmptyEntries);
    }

    private Dictionary<string, byte[]> Files(string name) =>
        Directory.EnumerateFiles(_folder.In(name)).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
