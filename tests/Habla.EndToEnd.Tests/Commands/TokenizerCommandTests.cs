using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class TokenizerCommandTests : IDisposable
{
    private const string Text = "¿Qué tal? Habla, que te oigo.";

    private readonly TemporaryFolder _folder = new();

    public TokenizerCommandTests() =>
        File.WriteAllText(_folder.In("text.txt"), string.Concat(Enumerable.Repeat(Text + "\n", 20)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_then_encode_then_decode_gives_the_text_back()
    {
        Run("tokenizer", "train", "--kind", "bpe", "--vocab-size", "40", "--input", "text.txt", "--out", "tokenizer.json").Expect(0);

        ProcessResult encoded = Run("tokenizer", "encode", "--tokenizer", "tokenizer.json", Text, "--json").Expect(0);
        int count = encoded.Json.GetProperty("ids").GetArrayLength();
        Assert.Equal(count, encoded.Json.GetProperty("tokens").GetArrayLength());
        Assert.InRange(count, 1, Text.Length - 1);

        File.WriteAllText(_folder.In("ids.json"), encoded.Output);
        ProcessResult decoded = Run("tokenizer", "decode", "--tokenizer", "tokenizer.json", "--file", "ids.json").Expect(0);
        Assert.Equal(Text, decoded.Output.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("3", "1", "4")]
    [InlineData("3 1 4")]
    [InlineData("3,1,4")]
    [InlineData("3, 1", "4")]
    [InlineData("[3, 1, 4]")]
    [InlineData("{\"ids\": [3, 1, 4]}")]
    public void Ids_are_one_argument_or_many_with_spaces_or_commas(params string[] ids)
    {
        File.WriteAllText(_folder.In("abcde.txt"), "abcde");
        Run("tokenizer", "train", "--kind", "char", "--no-special", "--input", "abcde.txt", "--out", "abcde.json").Expect(0);

        Assert.Equal("dbe\n", Run(["tokenizer", "decode", "--tokenizer", "abcde.json", .. ids]).Expect(0).Output);
        ProcessResult last = Run(["tokenizer", "decode", .. ids, "--tokenizer", "abcde.json", "--json"]).Expect(0);
        Assert.Equal("dbe", last.Json.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("'x' is not a token id", "1", "x")]
    [InlineData("5 is no id of this tokenizer", "1", "5")]
    [InlineData("give IDS or --file, not both", "1", "2", "--file", "abcde.txt")]
    [InlineData("nothing to work on; give IDS or --file FILE")]
    public void Ids_that_are_none_are_refused_by_name(string named, params string[] arguments)
    {
        File.WriteAllText(_folder.In("abcde.txt"), "abcde");
        Run("tokenizer", "train", "--kind", "char", "--no-special", "--input", "abcde.txt", "--out", "abcde.json").Expect(0);

        ProcessResult answer = Run(["tokenizer", "decode", "--tokenizer", "abcde.json", .. arguments]).Expect(2);

        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Empty(answer.Output);
    }

    [Fact]
    public void Training_twice_gives_the_same_file()
    {
        foreach (string file in (string[])["a.json", "b.json"])
        {
            Run("tokenizer", "train", "--kind", "bpe", "--vocab-size", "40", "--input", "text.txt", "--out", file).Expect(0);
        }

        Assert.Equal(File.ReadAllBytes(_folder.In("a.json")), File.ReadAllBytes(_folder.In("b.json")));
    }

    [Theory]
    [InlineData("no-such.txt", "tokenizer", "train", "--kind", "char", "--input", "no-such.txt", "--out", "t.json")]
    [InlineData("words", "tokenizer", "train", "--kind", "words", "--input", "text.txt", "--out", "t.json")]
    [InlineData("5000", "tokenizer", "train", "--kind", "bpe", "--vocab-size", "5000", "--input", "text.txt", "--out", "t.json")]
    [InlineData("text.txt", "tokenizer", "encode", "--tokenizer", "text.txt", "hello")]
    public void Bad_input_exits_2_names_it_and_writes_nothing(string named, params string[] arguments)
    {
        ProcessResult answer = Run(arguments).Expect(2);

        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Empty(answer.Output);
        Assert.Equal(["text.txt"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private ProcessResult Run(params string[] arguments) => HablaProcess.RunIn(_folder.Path, arguments);
}
