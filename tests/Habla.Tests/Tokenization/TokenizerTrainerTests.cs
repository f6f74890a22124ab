using Habla.Corpus;
using Habla.Data;
using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

public class TokenizerTrainerTests
{
    [Fact]
    public void Of_pairs_equally_often_the_lexicographically_smaller_is_joined()
    {
        // ("a","z"), ("b","a") and ("z","b") twice each would tie at first; so do their parts later.
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { VocabularySize = 9 }, new TrainingText(["zb", "ba", "az", "az", "ba", "zb"]));
        Assert.Equal([new MergeRule("a", "z"), new MergeRule("b", "a")], tokenizer.Merges);
    }

    [Fact]
    public void The_left_piece_decides_before_the_right_one()
    {
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { VocabularySize = 8 }, new TrainingText(["ba", "ac"]));
        Assert.Equal([new MergeRule("a", "c")], tokenizer.Merges);
    }

    [Fact]
    public void The_most_frequent_pair_goes_first_and_merges_cross_spaces()
    {
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { VocabularySize = 4 + 4 + 2 }, new TrainingText(["b to", "b to", "o t"]));
        Assert.Equal([new MergeRule(" ", "t"), new MergeRule(" t", "o")], tokenizer.Merges);
    }

    [Fact]
    public void While_a_line_is_too_long_only_such_lines_are_counted()
    {
        string[] lines = ["xyxyxyxy", "ab", "ab", "ab", "ab", "ab", "ab"];
        var options = new TokenizerOptions { VocabularySize = 9 };
        Assert.Equal(new MergeRule("a", "b"), Merges(options, lines)[0]);
        Assert.Equal(new MergeRule("x", "y"), Merges(options with { FitTokens = 6 }, lines)[0]);
        Assert.Equal(
            [new MergeRule("x", "y"), new MergeRule("a", "b")],
            Merges(options with { VocabularySize = 10, FitTokens = 6 }, lines));
    }

    [Fact]
    public void Counting_only_what_changes_learns_the_same_as_counting_all_anew()
    {
        string[] lines = [.. TextFile.LinesOf(TextFile.Read(Path.Combine(Repository.Root, "data", "sonnets.txt")))];
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { VocabularySize = 120, SpecialTokens = false }, new TrainingText(lines));
        List<string>[] words = [.. lines.Select(line => line.Select(letter => letter.ToString()).ToList())];
        foreach (MergeRule rule in tokenizer.Merges)
        {
            (string Left, string Right) best = words.SelectMany(word => word.Zip(word.Skip(1)))
                .GroupBy(pair => pair).OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.First, StringComparer.Ordinal).ThenBy(group => group.Key.Second, StringComparer.Ordinal)
                .First().Key;
            Assert.Equal(best, (rule.Left, rule.Right));
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == rule.Left && word[i + 1] == rule.Right)
                    {
                        word[i] = rule.Joined;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_text_that_cannot_give_so_many_tokens_is_an_error_with_both_numbers()
    {
        var error = Assert.Throws<InvalidOptionException>(
            () => TokenizerTrainer.Train(new TokenizerOptions { VocabularySize = 64 }, new TrainingText(["abc"])));
        Assert.Equal("tokenizer.vocab_size", error.Key);
        Assert.Contains("64", error.Message);
        Assert.Contains("only gives 9", error.Message);
    }

    [Theory]
    [InlineData("bpe", 6, "ask for at least 7")]
    [InlineData("char", 64, "has exactly 7")]
    public void A_vocabulary_that_does_not_fit_the_characters_is_an_error(string kind, int size, string expected)
    {
        var error = Assert.Throws<InvalidOptionException>(
            () => TokenizerTrainer.Train(new TokenizerOptions { Kind = kind, VocabularySize = size }, new TrainingText(["abc"])));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void The_shipped_sonnets_have_46_characters()
    {
        TrainingText text = TrainingTextFiles.Read([Path.Combine(Repository.Root, "data", "sonnets.txt")]);
        Assert.Equal(46, TokenizerTrainer.CharacterVocabularySize(new TokenizerOptions { SpecialTokens = false }, text));
    }

    [Theory]
    [InlineData(SplitPolicy.Verbs4)]
    [InlineData(SplitPolicy.VerbTense)]
    [InlineData(SplitPolicy.Cell)]
    public void With_64_tokens_learned_on_train_every_form_fits_a_context_of_32(SplitPolicy policy)
    {
        IReadOnlyList<CorpusRow> rows = CorpusBuilder.Build(42);
        CorpusSplit split = CorpusSplitter.Split(rows, policy, 42);
        string[] train = [.. split.Train.Where(row => row.Id.StartsWith("form/", StringComparison.Ordinal)).Select(Line)];
        var text = new TrainingText(train) { Reserved = ReservedAlphabet.Verbs, FitTokens = TrainingTextFiles.SentenceFitTokens };
        var tokenizer = (CharacterTokenizer)TokenizerTrainer.Train(new TokenizerOptions { VocabularySize = 64 }, text);
        Assert.Equal(tokenizer.Fingerprint, TokenizerTrainer.Train(new TokenizerOptions { VocabularySize = 64 }, text).Fingerprint);
        Assert.Equal(64, tokenizer.VocabularySize);
        string[] forms = [.. rows.Where(row => row.Id.StartsWith("form/", StringComparison.Ordinal)).Select(Line)];
        Assert.Equal(320, forms.Length);
        Assert.Equal(32, forms.Max(form => tokenizer.Encode(form).Ids.Length + 2));
        Assert.All(rows, row => Assert.Equal(0, tokenizer.Encode(Line(row)).UnknownCount));
    }

    private static string Line(CorpusRow row) => SentenceFormat.Line(row.Spanish, row.Text);

    private static IReadOnlyList<MergeRule> Merges(TokenizerOptions options, string[] lines) =>
        ((CharacterTokenizer)TokenizerTrainer.Train(options, new TrainingText(lines))).Merges;
}
