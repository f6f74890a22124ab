using Habla.Evaluation;
using Habla.Runs;

namespace Habla.Tests.Runs;

/// <summary>Scores of texts by a model of windows over eight tokens.</summary>
public sealed class TextScorerTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    private const int Context = 8;
    private const string Text = "abcd acbd adbc ddcabcab dac abcd";

    [Fact]
    public void The_sum_over_a_file_is_the_loss_that_evaluation_finds()
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        using var scorer = new TextScorer(model);
        using var evaluator = new Evaluator(model.Model);
        EvaluatedText evaluated = EvaluatedText.Of(evaluator, model.LoadForEvaluation(sample.Text), model.Tokenizer);
        TextScore score = scorer.ScoreFile(sample.Text);

        Assert.Equal(evaluated, score.Evaluated);
        Assert.Equal(1199, score.Tokens.Count);
        Assert.Equal(1199, score.Evaluated.Bytes);
        Assert.Equal(-evaluated.Result.Loss * 1199, score.Tokens.Sum(token => token.LogProbability), 1e-9);
        Assert.Equal(score.LogProbability, score.Tokens.Sum(token => token.LogProbability), 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public void Each_token_but_the_first_is_scored_once_with_the_context_that_is_promised(int stride)
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        using var scorer = new TextScorer(model);
        var reference = new ReferenceForward(model.Model.Config, name => model.Model.Parameters.Data(model.Model.Parameters[name]));
        for (int length = 2; length <= Text.Length; length++)
        {
            int[] ids = model.Tokenizer.Encode(Text[..length]).Ids;
            IReadOnlyList<TokenScore> tokens = scorer.ScoreText(Text[..length], stride).Tokens;

            Assert.Equal(ids[1..], tokens.Select(token => token.Id));
            for (int i = 1; i < ids.Length; i++)
            {
                TokenScore token = tokens[i - 1];
                int least = stride == 0 ? 1 : Math.Min(i, Context - stride + 1);
                Assert.InRange(token.Context, least, Math.Min(i, Context));
                double[] logits = reference.Logits(ids.AsSpan(i - token.Context, token.Context), [], 1);
                Assert.Equal(LogProbability(logits, ids[i]), token.LogProbability, 2e-5);
            }
        }
    }

    [Fact]
    public void Strides_that_cannot_be_and_texts_too_short_are_refused()
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        using var scorer = new TextScorer(model);
        string Refused(Action action) => Assert.ThrowsAny<InvalidInputException>(action).Message;

        Assert.Contains("--stride 9", Refused(() => scorer.ScoreText(Text, 9)), StringComparison.Ordinal);
        Assert.Contains("--stride -1", Refused(() => scorer.ScoreFile(sample.Text, -1)), StringComparison.Ordinal);
        Assert.Contains("1 tokens long", Refused(() => scorer.ScoreText("a")), StringComparison.Ordinal);
        Assert.Contains("0 tokens long", Refused(() => scorer.ScoreText("")), StringComparison.Ordinal);
        Assert.Contains("no-such", Refused(() => scorer.ScoreFile("no-such")), StringComparison.Ordinal);
        Assert.Contains("prompt is empty", Refused(() => scorer.Compare("", ["a"])), StringComparison.Ordinal);
        Assert.Contains("continuation is empty", Refused(() => scorer.Compare("a", ["b", ""])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_and_what_follows_is_the_text_in_one_piece()
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        using var scorer = new TextScorer(model);

        ScoredContinuation[] compared = [.. scorer.Compare("abc", ["d ac", "dd"])];

        IReadOnlyList<TokenScore> whole = scorer.ScoreText("abcd ac").Tokens;
        Assert.Equal(whole.Skip(2).Select(token => token.LogProbability), compared[0].Score.LogProbabilities);
        Assert.Equal(2, compared[1].Ids.Count);
        Assert.All(compared, one => Assert.False(one.CutsToken)); // characters are never cut
    }

    private static double LogProbability(double[] logits, int id)
    {
        double[] row = logits[^5..];
        return row[id] - Math.Log(row.Sum(Math.Exp));
    }
}
