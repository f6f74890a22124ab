using System.Globalization;
using System.Text;

namespace Habla.Runs.Equivalence;

/// <summary>The page of an equivalence card.</summary>
internal static class CardPage
{
    public static string Of(EquivalenceCard card)
    {
        var page = new StringBuilder("# Equivalence card\n\n");
        Line($"The model `{card.Model}`, weights `{card.WeightsSha256}`, run in other ways than as it is ");
        Line($"(float32 weights, keys and values kept), on the same {card.Tokens:N0} tokens");
        Line($"{(card.PastContext > 0 ? $", {card.PastContext:N0} of them past the context of {card.Config.ContextLength}" : "")}.\n\n");
        page.Append("| run as | largest \\|Δlogit\\| | changed logits | likeliest token changed | perplexity | Δ perplexity | |\n")
            .Append("| --- | --- | --- | --- | --- | --- | --- |\n");
        string? reason = null;
        foreach (EquivalenceRow row in card.Rows)
        {
            Line($"| {row.Name} | ");
            if (row.Difference is { } found)
            {
                Line($"{found.LargestLogitDifference:G3} | {found.ChangedLogits:N0} of {found.Logits:N0} | ");
                Line($"{found.ChangedPredictions:N0} | {found.Perplexity:F6} | {found.PerplexityDifference:+0.000000;-0.000000;0} | ");
            }
            else
            {
                page.Append("| | | | | ");
            }

            page.Append(row.WhyNot is not null && row.WhyNot == reason ? "the same" : Verdict(row)).Append(" |\n");
            reason = row.WhyNot;
        }

        double scale = card.Rows.Select(row => row.Difference?.LargestLogit ?? 0).Max();
        Line($"\nThe largest |logit| of the model on these tokens is {scale:G4}. ");
        page.Append("Files of other programs are written, read back and run here; of float16 and q8_0 the numbers they stand for are run. ")
            .Append("Tokens come from:\n\n");
        foreach ((string path, string hash) in card.DataSha256)
        {
            Line($"- `{path}`, SHA-256 `{hash}`\n");
        }

        return page.ToString();

        void Line(FormattableString text) => page.Append(text.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>What a row comes to, in words.</summary>
    public static string Verdict(EquivalenceRow row) => row switch
    {
        { WhyNot: { } why } => $"does not apply: {why.Replace("|", "\\|", StringComparison.Ordinal)}",
        { IsBroken: true } => "**NOT the same bits, and has to be**",
        { Difference.ChangedLogits: 0 } => "the same bits",
        _ => "rounded",
    };
}
