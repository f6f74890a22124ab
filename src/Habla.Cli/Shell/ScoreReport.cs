using Habla.Evaluation;
using Habla.Runs;
using Habla.Tokenization;
using Spectre.Console;
using static System.FormattableString;

namespace Habla.Cli.Shell;

/// <summary>Tells how likely texts are: figures, the least expected tokens, and on a terminal the text coloured by surprise.</summary>
internal static class ScoreReport
{
    private const int ColouredTokens = 300, ShownBefore = 24;

    /// <summary>Tells of a text.</summary>
    public static void Tell(TextScore score, Tokenizer tokenizer, int leastExpected, bool json)
    {
        EvaluationResult result = score.Evaluated.Result;
        TellUnknown(score.UnknownCount);
        Terminal.Say($"perplexity {result.Perplexity:F4}, {score.Evaluated.BitsPerByte:F4} bits a byte, ",
            $"log-probability {score.LogProbability:F4} over {result.TokenCount:N0} tokens ({-result.Loss:F4} each)");
        Colour(score.Tokens, tokenizer);
        if (leastExpected > 0)
        {
            Terminal.WriteTable(
                ["token", "after", "at", "log-probability", "probability"], Rows(score.Tokens, tokenizer, leastExpected), leftColumns: 2);
        }

        if (json)
        {
            Terminal.WriteJson(new
            {
                loss = result.Loss, ppl = result.Perplexity, bits_per_byte = score.Evaluated.BitsPerByte, tokens = result.TokenCount,
                logprob = score.LogProbability, unknown = score.UnknownCount,
                per_token = score.Tokens.Select(
                    token => new { token = tokenizer.Piece(token.Id), token.Id, logprob = token.LogProbability, token.Context }),
            });
        }
    }

    /// <summary>Tells of continuations.</summary>
    public static void Tell(string prompt, Tokenizer tokenizer, IReadOnlyList<ScoredContinuation> continuations, bool json)
    {
        TellUnknown(continuations.Sum(one => one.UnknownCount));
        foreach (ScoredContinuation cut in continuations.Where(one => one.CutsToken))
        {
            Terminal.Say($"habla: prompt and \"{VisibleText.OfName(cut.Text)}\" are tokenized apart; ",
                $"in one piece they would be other tokens, so its score is not that of the whole text");
        }

        Terminal.WriteTable(
            ["continuation", "tokens", "log-probability", "per token"],
            [.. continuations.Select(one => (string[])
            [
                VisibleText.Of(one.Text), Invariant($"{one.Ids.Count}"), Invariant($"{one.Score.Sum:F4}"), Invariant($"{one.Score.Mean:F4}"),
            ])],
            1);
        int likelier = Best(continuations, one => one.Score.Sum), byToken = Best(continuations, one => one.Score.Mean);
        if (continuations.Count > 1)
        {
            double lead = continuations[likelier].Score.Sum
                - continuations.Where((_, i) => i != likelier).Max(one => one.Score.Sum);
            Terminal.Say(
                $"likelier: \"{VisibleText.OfName(continuations[likelier].Text)}\", {Math.Exp(lead):G4} times as likely as the next",
                likelier == byToken ? null : (FormattableString)$"; per token: \"{VisibleText.OfName(continuations[byToken].Text)}\"");
        }

        if (json)
        {
            Terminal.WriteJson(new
            {
                prompt, likelier, likelier_per_token = byToken,
                continuations = continuations.Select(one => new
                {
                    one.Text, logprob = one.Score.Sum, logprob_mean = one.Score.Mean, cuts_token = one.CutsToken,
                    per_token = one.Ids.Zip(
                        one.Score.LogProbabilities, (id, logprob) => new { token = tokenizer.Piece(id), id, logprob }),
                }),
            });
        }
    }

    private static int Best(IReadOnlyList<ScoredContinuation> continuations, Func<ScoredContinuation, double> score) =>
        Enumerable.Range(0, continuations.Count).MaxBy(i => score(continuations[i]));

    private static string[][] Rows(IReadOnlyList<TokenScore> tokens, Tokenizer tokenizer, int count) =>
    [
        .. Enumerable.Range(0, tokens.Count).OrderBy(i => tokens[i].LogProbability).Take(count).Select(i => (string[])
        [
            VisibleText.Of(tokenizer.Piece(tokens[i].Id)), Before(tokens, tokenizer, i), Invariant($"{i}"),
            Invariant($"{tokens[i].LogProbability:F4}"), Invariant($"{Math.Exp(tokens[i].LogProbability):G3}"),
        ]),
    ];

    /// <summary>The end of the text that the model saw before a token.</summary>
    private static string Before(IReadOnlyList<TokenScore> tokens, Tokenizer tokenizer, int index)
    {
        int first = Math.Max(0, index - Math.Min(ShownBefore, tokens[index].Context));
        string text = tokenizer.Decode([.. Enumerable.Range(first, index - first).Select(i => tokens[i].Id)]);
        int start = Math.Max(0, text.Length - ShownBefore);
        start += start > 0 && char.IsLowSurrogate(text[start]) ? 1 : 0;
        return VisibleText.Of(text[start..]);
    }

    private static void Colour(IReadOnlyList<TokenScore> tokens, Tokenizer tokenizer)
    {
        if (!Terminal.Error.Profile.Capabilities.Ansi || tokens.Count == 0)
        {
            return;
        }

        var text = new Paragraph();
        foreach (TokenScore token in tokens.Take(ColouredTokens))
        {
            text.Append(VisibleText.OfName(tokenizer.Piece(token.Id)), StyleOf(Math.Exp(token.LogProbability)));
        }

        text.Append(tokens.Count > ColouredTokens ? " …\n" : "\n", Style.Plain);
        text.Append("likely ", Style.Plain);
        foreach ((string name, double probability) in ((string, double)[])[("½ ", 0.5), ("⅒ ", 0.1), ("1 % ", 0.01), ("less", 0)])
        {
            text.Append(name, StyleOf(probability));
        }

        Terminal.Error.Write(text);
        Terminal.Error.WriteLine();
    }

    private static Style StyleOf(double probability) => probability switch
    {
        >= 0.5 => new Style(Color.Green),
        >= 0.1 => new Style(Color.Yellow),
        >= 0.01 => new Style(Color.DarkOrange),
        _ => new Style(Color.White, Color.Red),
    };

    private static void TellUnknown(int count)
    {
        if (count > 0)
        {
            Terminal.Say($"habla: {count} characters of the text are not in the tokenizer's alphabet and became <unk>");
        }
    }
}
