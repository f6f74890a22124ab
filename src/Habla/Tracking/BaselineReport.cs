using System.Globalization;
using System.Text;
using System.Text.Json;
using Habla.Baselines;
using Habla.Plotting;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>The files that tell how the n-gram baselines did: <c>results.json</c>, <c>perplexity_vs_n.png</c>, <c>README.md</c>.</summary>
public static class BaselineReport
{
    /// <summary>The numbers: a <see cref="BaselineResult"/>.</summary>
    public const string ResultsFileName = "results.json";

    /// <summary>The picture: <see cref="BaselinePlot"/>.</summary>
    public const string PlotFileName = "perplexity_vs_n.png";

    /// <summary>What happened, in words.</summary>
    public const string ReadmeFileName = "README.md";

    /// <summary>Writes the files into a folder.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    /// <param name="result">The models and their perplexities.</param>
    /// <param name="data">The data in words, as a part of a sentence: "the split verbs_4 of the verb corpus".</param>
    /// <param name="command">The command that does it again.</param>
    /// <param name="gnuplot">Draws the picture.</param>
    /// <returns>Null, or one line that says why there is no picture.</returns>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public static string? Write(string folder, BaselineResult result, string data, string command, Gnuplot gnuplot)
    {
        ArgumentNullException.ThrowIfNull(gnuplot);
        JsonFormat.WriteFile(Path.Combine(folder, ResultsFileName), result);
        string? skipped = gnuplot.Draw(Path.Combine(folder, PlotFileName), BaselinePlot.Of(result));
        AtomicFile.WriteText(Path.Combine(folder, ReadmeFileName), Readme(result, data, command, withPlot: skipped is null));
        return skipped;
    }

    /// <summary>Reads the numbers back.</summary>
    /// <param name="folder">A folder that <see cref="Write"/> wrote.</param>
    /// <exception cref="InvalidInputException">There is no result of a baseline.</exception>
    public static BaselineResult Read(string folder)
    {
        string path = Path.Combine(folder, ResultsFileName);
        try
        {
            return JsonSerializer.Deserialize<BaselineResult>(File.ReadAllText(path), JsonFormat.Document) is { Best: not null } result
                ? result
                : throw new JsonException("it has no best model");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidInputException(
                $"{path}: cannot be read as the result of a baseline ({error.Message.TrimEnd('.')}). Run `habla baseline` again.", error);
        }
    }

    /// <summary>The perplexities as a table of plain text: a line for each n, a column for each family.</summary>
    /// <param name="result">The models and their perplexities.</param>
    public static string Table(BaselineResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var table = new StringBuilder();
        table.Append(
            "| n | add-α: α | train | validation | Kneser–Ney: discounts of n-grams seen once, twice, more | train | validation |\n");
        table.Append("| --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (IGrouping<int, BaselineRow> order in result.Rows.GroupBy(row => row.Order))
        {
            BaselineRow addAlpha = order.Single(row => row.Family == NgramFamily.AddAlpha);
            BaselineRow kneserNey = order.Single(row => row.Family == NgramFamily.KneserNey);
            KneserNeyDiscount discount = kneserNey.Parameters.Discounts![^1];
            table.Append(CultureInfo.InvariantCulture, $"| {order.Key} | {addAlpha.Parameters.Alpha} | {addAlpha.TrainPpl:0.000} | ");
            table.Append(
                CultureInfo.InvariantCulture, $"{Marked(addAlpha)} | {discount.Once:0.00}, {discount.Twice:0.00}, {discount.More:0.00} | ");
            table.Append(CultureInfo.InvariantCulture, $"{kneserNey.TrainPpl:0.000} | {Marked(kneserNey)} |\n");
        }

        return table.ToString();

        string Marked(BaselineRow row)
        {
            string perplexity = row.ValPpl.ToString("0.000", CultureInfo.InvariantCulture);
            return row == result.Best ? $"**{perplexity}**" : perplexity;
        }
    }

    private static string Readme(BaselineResult result, string data, string command, bool withPlot)
    {
        BaselineRow best = result.Best;
        BaselineRow addAlpha = BestOf(NgramFamily.AddAlpha), kneserNey = BestOf(NgramFamily.KneserNey);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # n-gram baseline

            The best n-gram model on {data} is {BaselinePlot.Name(best.Family)} with n = {best.Order}: **{best.ValPpl:0.000}** perplexity per
            validation token ({best.ValLoss:0.0000} nats), against {best.TrainPpl:0.000} on train. A neural model has learned more than counting
            when its validation perplexity is lower.

            Counted from {result.TrainSequences} training sequences ({result.TrainTokens} predicted tokens) and scored on
            {result.ValTokens} validation tokens: the same tokens, of the same tokenizer ({result.VocabularySize} in its vocabulary), that the neural model is scored on. Each token but
            the first of a sequence is scored, the end token included; the context is the n − 1 tokens before it.

            {Table(result)}
            """);
        if (withPlot)
            text.Append(CultureInfo.InvariantCulture, $"\n![validation perplexity against n]({PlotFileName})\n");
        text.Append(CultureInfo.InvariantCulture, $"""

            ## How it was tuned

            α comes from a grid of {AddAlpha.Grid.Count} values. Kneser–Ney is interpolated and modified: an n-gram seen once, twice or more often
            loses a discount of its own, at each length; they start from the closed-form estimates or the best single discount and are
            improved one at a time. For both families,
            {result.Tuning}.
            Validation has no say in these numbers. It does choose the best of the {result.Rows.Count} models, and the rule for cutting the
            slices was settled with an eye on it when this program was written: both favour the baseline.
            Every model gives every token of the vocabulary a probability in every context: below the unigrams stands 1 / {result.VocabularySize}.

            ## What is to be seen

            - Add-α is at its best with n = {addAlpha.Order} ({addAlpha.ValPpl:0.000}), Kneser–Ney with n = {kneserNey.Order} ({kneserNey.ValPpl:0.000}).
            - {LongContexts(result)}
            - From train to validation the best model goes from {best.TrainPpl:0.000} to {best.ValPpl:0.000};
              on held-out slices of train it had {best.TuningPpl:0.000}.
              {(best.ValPpl > 1.1 * best.TuningPpl ? "Validation is less like train than train is like itself." : "Validation is about as hard as held-out train.")}

            Again: `{command}`

            """);
        return text.ToString();

        BaselineRow BestOf(NgramFamily family) => result.Rows.Where(row => row.Family == family).MinBy(row => row.ValPpl)!;
    }

    private static string LongContexts(BaselineResult result)
    {
        int longest = result.Rows.Max(row => row.Order);
        double addAlpha = result.Rows.Single(row => row.Order == longest && row.Family == NgramFamily.AddAlpha).ValPpl;
        double kneserNey = result.Rows.Single(row => row.Order == longest && row.Family == NgramFamily.KneserNey).ValPpl;
        string both = string.Create(
            CultureInfo.InvariantCulture, $"With n = {longest} add-α has {addAlpha:0.000} and Kneser–Ney {kneserNey:0.000}");
        return both + (addAlpha > kneserNey ? ": most long contexts are new, and only the second falls back on shorter ones." : ".");
    }
}
