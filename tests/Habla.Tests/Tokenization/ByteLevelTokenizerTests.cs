using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Habla.BytePairs;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

public sealed class ByteLevelTokenizerTests : IDisposable
{
    private const string Text = "the cat and the dog, the cat's hat and the dog's mat\nthat is that, said the cat\n¿qué? ¡el gato!\n";

    private static readonly ByteLevelTokenizer _small = Train(new TokenizerOptions { Base = "bytes", VocabularySize = 280 });

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Special_tokens_come_first_then_the_bytes_then_what_is_joined()
    {
        Assert.Equal((0, 1, 2, -1), (_small.PadId, _small.BosId, _small.EosId, _small.UnknownId));
        Assert.True(_small.HasSpecialTokens);
        Assert.Equal(["<pad>", "<bos>", "<eos>"], _small.AddedTokens.Select(token => token.Content));
        Assert.Equal("\0", _small.Piece(3));
        Assert.Equal("\\xFF", _small.Piece(258));
        Assert.Equal((280, 280 - 259), (_small.VocabularySize, _small.MergeCount));
        (int left, int right) = Assert.NotNull(_small.JoinedFrom(259));
        Assert.Equal(_small.Piece(259), _small.Piece(left) + _small.Piece(right));
        Assert.Null(_small.JoinedFrom(0));
        Assert.Null(_small.JoinedFrom(100));
    }

    [Fact]
    public void Every_byte_string_comes_back() => Prop.ForAll<byte[]?>(bytes =>
    {
        int[] ids = _small.Encode((ReadOnlySpan<byte>)(bytes ?? []));
        return _small.DecodeBytes(ids).SequenceEqual(bytes ?? []) && ids.All(id => id >= 3);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_text_comes_back_and_nothing_is_unknown()
    {
        foreach (string text in (string[])[Text, "", "漢字 👩‍👩‍👧 e\u0301\0\u001B", "<bos><eos><unk>"])
        {
            EncodedText encoded = _small.Encode(text);
            Assert.Equal(0, encoded.UnknownCount);
            Assert.Equal(text, _small.Decode(encoded.Ids));
            Assert.All(encoded.Ids, id => Assert.True(id >= 3));
        }
    }

    [Fact]
    public void Names_of_special_tokens_become_them_only_where_that_is_allowed()
    {
        Assert.DoesNotContain(2, _small.Encode("the<eos>cat").Ids);
        int[] ids = _small.Encode("the<eos>cat", allowSpecial: true).Ids;
        Assert.Equal([.. _small.Encode("the").Ids, 2, .. _small.Encode("cat").Ids], ids);
        Assert.Equal("thecat", _small.Decode(ids));
        Assert.Equal("the<eos>cat", _small.Decode(ids, skipSpecial: false));
    }

    [Fact]
    public void A_text_full_of_a_special_tokens_name_never_learns_it()
    {
        string named = string.Concat(Enumerable.Repeat("<eos> ", 200));
        var tokenizer = (ByteLevelTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { Base = "bytes", VocabularySize = 262 }, new TrainingText([named]));
        Assert.DoesNotContain(2, tokenizer.Encode(named).Ids);
        Assert.All(Enumerable.Range(3, 259), id => Assert.NotEqual("<eos>", tokenizer.Piece(id)));
    }

    [Fact]
    public void Half_a_character_is_shown_as_bytes()
    {
        int[] ids = _small.Encode("漢").Ids;
        Assert.Equal(["\\xE6", "\\xBC", "\\xA2"], ids.Select(_small.Piece));
        Assert.Equal("\uFFFD", _small.Decode(ids.AsSpan(0, 2)));
        Assert.Equal([0xE6, 0xBC], _small.DecodeBytes(ids.AsSpan(0, 2)));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("gpt4")]
    public void A_loaded_file_gives_the_same_ids_and_the_same_bytes(string pattern)
    {
        ByteLevelTokenizer tokenizer = Train(new TokenizerOptions { Base = "bytes", VocabularySize = 270, Pattern = pattern });
        string first = _folder.In("a.json"), second = _folder.In("b.json");
        tokenizer.Save(first);
        var loaded = (ByteLevelTokenizer)Tokenizer.Load(first);
        loaded.Save(second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(ContentHash.OfFile(first), tokenizer.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, loaded.Fingerprint);
        Assert.Equal(pattern, loaded.Pattern.Name);
        Assert.Equal(tokenizer.Encode(Text).Ids, loaded.Encode(Text).Ids);
        Assert.Equal(tokenizer.AddedTokens, loaded.AddedTokens);
    }

    [Fact]
    public void Gpt2s_two_files_are_read_by_either_name()
    {
        WriteGpt2Files(File.WriteAllText);
        var tokenizer = (ByteLevelTokenizer)Tokenizer.Load(_folder.In("vocab.json"));
        Assert.Equal([256, 257, 220], tokenizer.Encode("hi the ").Ids.Where(id => id >= 200));
        Assert.Equal((258, 258), (tokenizer.EosId, tokenizer.BosId));
        Assert.Equal(-1, tokenizer.PadId);
        Assert.Equal(SplitPattern.Gpt2, tokenizer.Pattern);
        Assert.Equal(tokenizer.Fingerprint, Tokenizer.Load(_folder.Path).Fingerprint);
        Assert.DoesNotContain(258, tokenizer.Encode("<|endoftext|>").Ids);
        Assert.Equal([258], tokenizer.Encode("<|endoftext|>", allowSpecial: true).Ids);
    }

    [Fact]
    public void A_vocabulary_without_its_merges_or_with_a_broken_line_is_refused()
    {
        WriteGpt2Files(File.WriteAllText);
        File.WriteAllText(_folder.In("merges.txt"), "#version: 0.2\nh i\nbroken\n");
        var error = Assert.Throws<InvalidInputException>(() => Tokenizer.Load(_folder.In("vocab.json")));
        Assert.Contains("merges.txt", error.Message);
        Assert.Contains("line 3", error.Message);
        File.Delete(_folder.In("merges.txt"));
        Assert.Contains("no ", Assert.Throws<InvalidInputException>(() => Tokenizer.Load(_folder.In("vocab.json"))).Message);
    }

    [Theory]
    [InlineData("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer")]
    [InlineData("\"post_processor\": null", "\"post_processor\": {\"type\": \"TemplateProcessing\"}", "post_processor")]
    [InlineData("\"byte_fallback\": false", "\"byte_fallback\": true", "byte_fallback")]
    [InlineData("\"add_prefix_space\": false", "\"add_prefix_space\": true", "add_prefix_space")]
    [InlineData("\"behavior\": \"Isolated\"", "\"behavior\": \"Removed\"", "Removed")]
    [InlineData("\\\\p{N}{1,3}", "\\\\p{N}", "pattern")]
    [InlineData("\"lstrip\": false", "\"lstrip\": true", "lstrip")]
    [InlineData("\"content\": \"<eos>\"", "\"content\": \"\"", "no name")]
    [InlineData("\"Ā\": 3,", "", "3")]
    [InlineData("\"Ā\": 3,", "\"Ā\": 4,", "twice")]
    [InlineData("\"Ā\": 3,", "\"漢\": 3,", "byte alphabet")]
    [InlineData("\"Ā\": 3,", "\"Ā\": 3, \"ĀĀ\": 1,", "<bos>")]
    [InlineData("\"merges\": [", "\"merges\": [[\"q\", \"q\"],", "qq")]
    public void A_file_that_asks_for_something_else_is_refused_by_name(string before, string after, string expected)
    {
        string path = _folder.In("changed.json");
        _small.Save(path);
        string json = File.ReadAllText(path);
        Assert.Contains(before, json);
        int at = json.IndexOf(before, StringComparison.Ordinal);
        File.WriteAllText(path, json[..at] + after + json[(at + before.Length)..]);
        var error = Assert.Throws<InvalidInputException>(() => Tokenizer.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("char", null, null, "tokenizer.kind")]
    [InlineData("bpe", 30, null, "tokenizer.fit_tokens")]
    [InlineData("bpe", null, "abc", "tokenizer.reserved")]
    public void Options_that_do_not_go_with_bytes_are_refused(string kind, int? fit, string? reserved, string key)
    {
        var options = new TokenizerOptions { Kind = kind, Base = "bytes", FitTokens = fit, Reserved = reserved, VocabularySize = 300 };
        Assert.Equal(key, Assert.Throws<InvalidOptionException>(options.Validate).Key);
    }

    [Fact]
    public void Statistics_count_every_token_once()
    {
        TokenizerStatistics stats = TokenizerStatistics.Of(_small, Text);
        int[] ids = _small.Encode(Text).Ids;
        Assert.Equal((ids.Length, ids.Distinct().Count()), ((int)stats.Tokens, stats.UsedTokens));
        Assert.Equal(Encoding.UTF8.GetByteCount(Text), stats.Bytes);
        Assert.Equal((double)stats.Bytes / ids.Length, stats.BytesPerToken);
        Assert.Equal(ids.GroupBy(id => id).Max(group => group.Count()), stats.MostFrequent[0].Count);
        Assert.Equal(1, stats.Rarest[0].Count);
        Assert.Equal(ids.Max(id => _small.BytesOf(id).Length), stats.Longest[0].Bytes);
    }

    private static ByteLevelTokenizer Train(TokenizerOptions options) =>
        (ByteLevelTokenizer)TokenizerTrainer.Train(options, new TrainingText([Text]));

    /// <summary>A vocabulary of the bytes in GPT-2's order, "hi", "the" through " t", and the token between documents.</summary>
    private void WriteGpt2Files(Action<string, string> write)
    {
        List<string> pieces = [.. ByteAlphabet.Gpt2Order.Select(value => ByteAlphabet.Write([value])), "hi", "Ġt", "<|endoftext|>"];
        write(_folder.In("vocab.json"), System.Text.Json.JsonSerializer.Serialize(pieces.Select((piece, id) => (piece, id)).ToDictionary()));
        write(_folder.In("merges.txt"), "#version: 0.2\nh i\nĠ t\n");
    }
}
