using FsCheck;
using FsCheck.Fluent;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

public class TokenizerTests
{
    private static readonly string[] _lines =
    [
        "es:yo camino / en:I walk", "es:tú caminas / en:you walk", "es:él va a caminar / en:he is going to walk",
        "es:tú vas a escuchar / en:you are going to listen", "es:mañana / en:tomorrow",
    ];

    private static readonly CharacterTokenizer _verbs = (CharacterTokenizer)TokenizerTrainer.Train(
        new TokenizerOptions { VocabularySize = 64 }, new TrainingText(_lines) { Reserved = ReservedAlphabet.Verbs, FitTokens = 30 });

    private static readonly string[] _alphabet =
        [.. ReservedAlphabet.Verbs.Select(letter => letter.ToString()), "es:", " / en:", "ar", "ñá", " going to ", "<bos>", "<unk>", "😀",
            "Ñ", "ü", "\n"];

    private static Gen<string> Texts => Gen.Elements(_alphabet).ArrayOf().Select(string.Concat);

    [Fact]
    public void Special_tokens_are_the_first_four_ids()
    {
        Assert.Equal((0, 1, 2, 3), (_verbs.PadId, _verbs.BosId, _verbs.EosId, _verbs.UnknownId));
        Assert.Equal(["<pad>", "<bos>", "<eos>", "<unk>"], _verbs.Pieces.Take(4));
        Assert.Equal(64, _verbs.VocabularySize);
    }

    [Fact]
    public void Known_text_comes_back_exactly_and_each_unknown_character_is_counted() =>
        Prop.ForAll(Texts.ToArbitrary(), text =>
        {
            int[] ids = _verbs.Encode(text, out int unknown);
            int expectedUnknown = text.EnumerateRunes().Count(rune => !ReservedAlphabet.Verbs.EnumerateRunes().Contains(rune));
            string known = string.Concat(text.EnumerateRunes().Where(rune => ReservedAlphabet.Verbs.EnumerateRunes().Contains(rune)));
            return unknown == expectedUnknown && ids.Count(id => id == _verbs.UnknownId) == unknown
                && ids.All(id => id >= 3) && _verbs.Decode(ids) == known;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_string_at_all_is_encoded_without_failing() =>
        Prop.ForAll<string?>(text => _verbs.Encode(text ?? "").Ids.All(id => id >= 3 && id < 64)).QuickCheckThrowOnFailure();

    [Fact]
    public void Encoding_is_that_of_the_plain_definition() =>
        Prop.ForAll(Texts.ToArbitrary(), text => _verbs.Encode(text).Ids.SequenceEqual(ReferenceBpe.Encode(_verbs, text)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Encoding_is_that_of_the_plain_definition_where_merges_overlap()
    {
        var text = new TrainingText(["aaaa", "abab", "aabb", "ababa", "bbbaaa", "baab"]);
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(new TokenizerOptions { VocabularySize = 16 }, text);
        Prop.ForAll(
            Gen.Elements("a", "b").ArrayOf(12).Select(string.Concat).ToArbitrary(),
            word => tokenizer.Encode(word).Ids.SequenceEqual(ReferenceBpe.Encode(tokenizer, word))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Names_of_special_tokens_in_a_text_are_ordinary_characters()
    {
        var text = new TrainingText(["<bos>", "<bos>", "<eos><pad>", "<bos><unk>"]);
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(new TokenizerOptions { VocabularySize = 22 }, text);
        int[] ids = tokenizer.Encode("<bos><pad>").Ids;
        Assert.All(ids, id => Assert.True(id > 3));
        Assert.Equal("<bos><pad>", tokenizer.Decode(ids));
    }

    [Fact]
    public void Decoding_leaves_special_tokens_out_unless_asked()
    {
        int[] ids = [1, .. _verbs.Encode("I walk").Ids, 2, 0];
        Assert.Equal("I walk", _verbs.Decode(ids));
        Assert.Equal("<bos>I walk<eos><pad>", _verbs.Decode(ids, skipSpecial: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => _verbs.Decode([64]));
    }

    [Fact]
    public void Without_special_tokens_an_unknown_character_is_an_error_that_names_it()
    {
        var options = new TokenizerOptions { Kind = "char", SpecialTokens = false, VocabularySize = 2 };
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(options, new TrainingText(["ab"]));
        Assert.Equal([0, 1, 0], tokenizer.Encode("aba").Ids);
        var error = Assert.Throws<InvalidInputException>(() => tokenizer.Encode("ab😀"));
        Assert.Contains("'😀' (U+1F600) at offset 2", error.Message);
    }

    [Fact]
    public void A_loaded_file_gives_the_same_ids_and_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string first = Path.Combine(folder.Path, "a.json"), second = Path.Combine(folder.Path, "b.json");
        _verbs.Save(first);
        Tokenizer loaded = Tokenizer.Load(first);
        loaded.Save(second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(ContentHash.OfFile(first), _verbs.Fingerprint);
        Assert.Equal(_verbs.Fingerprint, loaded.Fingerprint);
        Assert.All(_lines, line => Assert.Equal(_verbs.Encode(line).Ids, loaded.Encode(line).Ids));
    }

    [Fact]
    public void A_file_by_another_program_with_merges_as_text_is_read()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "other.json");
        File.WriteAllText(path, """{"model": {"vocab": {"b": 1, "a": 0, "ab": 2}, "merges": ["a b"]}}""");
        Assert.Equal([2, 0], Tokenizer.Load(path).Encode("aba").Ids);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{}", "model")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": {}, "merges": []}}""", "Unigram")]
    [InlineData("""{"pre_tokenizer": {"type": "Metaspace"}, "model": {"vocab": {}, "merges": []}}""", "pre_tokenizer")]
    [InlineData("""{"model": {"vocab": {"a": 0, "b": 2}, "merges": []}}""", "\"b\" has the id 2")]
    [InlineData("""{"model": {"vocab": {"a": 0, "b": 1}, "merges": [["a", "b"]]}}""", "needs the piece \"ab\"")]
    [InlineData("""{"added_tokens": [{"id": 0, "content": "<s>"}], "model": {"vocab": {"<s>": 0}, "merges": []}}""", "<pad>")]
    public void A_damaged_or_foreign_file_is_refused_by_name(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "bad.json");
        File.WriteAllText(path, json);
        var error = Assert.Throws<InvalidInputException>(() => Tokenizer.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_missing_file_is_an_error_that_says_how_to_make_one()
    {
        var error = Assert.Throws<InvalidInputException>(() => Tokenizer.Load("no/such.json"));
        Assert.Contains("no/such.json", error.Message);
        Assert.Contains("habla tokenizer train", error.Message);
    }
}
