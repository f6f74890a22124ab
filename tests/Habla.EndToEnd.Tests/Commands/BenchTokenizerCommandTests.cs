using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

public sealed class BenchTokenizerCommandTests
{
    [Fact]
    public void It_measures_each_text_and_long_words()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(Repository.Root, "data", "sonnets.txt");

        ProcessResult result = HablaProcess.RunIn(
            folder.Path, "bench", "tokenizer", "--input", file, "--vocab-size", "400", "--generated-mb", "0.5", "--generated-vocab-size",
            "600", "--seconds", "0.01", "--threads", "2", "--json").Expect(0);

        JsonElement[] texts = [.. result.Json.GetProperty("texts").EnumerateArray()];
        Assert.Equal([file, "generated"], texts.Select(text => text.GetProperty("text").GetString()));
        Assert.Equal([400, 600], texts.Select(text => text.GetProperty("vocabulary_size").GetInt32()));
        Assert.Equal(new FileInfo(file).Length, texts[0].GetProperty("bytes").GetInt64());
        Assert.All(texts, text => Assert.All(
            (string[])["train_s", "encode_mb_per_s_per_core", "decode_mb_per_s_per_core", "bytes_per_token", "train_peak_rss_mb"],
            name => Assert.True(text.GetProperty(name).GetDouble() > 0, name)));
        Assert.Equal(
            ["random letters", "one letter"],
            result.Json.GetProperty("long_words").EnumerateArray().Select(word => word.GetProperty("word").GetString()));
        Assert.Contains("generated: 0.5 MB", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("missing.txt", "--input", "missing.txt", "--generated-mb", "0")]
    [InlineData("--generated-mb 0: expected a number above 0", "--generated-mb", "0")]
    [InlineData("--seconds 0: expected a number above 0", "--seconds", "0")]
    [InlineData("tokenizer.vocab_size: 255 is not possible", "--generated-mb", "0.01", "--generated-vocab-size", "255")]
    public void It_refuses_what_it_cannot_measure(string message, params string[] options) =>
        Assert.Contains(message, HablaProcess.Run(["bench", "tokenizer", .. options]).Expect(2).Error, StringComparison.Ordinal);
}
