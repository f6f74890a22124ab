using System.Globalization;
using System.Text;
using Habla.Data;
using Habla.Evaluation;
using Habla.Plotting;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>The picture and the page of a drift: error by layer, and the predictions that changed.</summary>
internal static class DriftReport
{
    /// <summary>More flips than this say nothing that fewer do not.</summary>
    private const int MostFlips = 200;

    /// <summary>More names than this would run into each other under the axis.</summary>
    private const int MostNames = 8;

    private static readonly string[] Colors = ["#1f77b4", "#d62728"];

    /// <summary>Relative and absolute error by layer, both on logarithmic axes.</summary>
    public static IReadOnlyList<Plot> Plots(IReadOnlyList<PrecisionDrift> results)
    {
        string[] layers = [.. results[0].Layers.Select(layer => layer.Layer)];
        bool fit = layers.Length <= MostNames;
        string label = fit ? "layer" : string.Join(", ", layers.Select((layer, index) => $"{index} {layer}"));
        return
        [
            Panel("Relative error ‖Δ‖ / ‖float32‖ of a token's row", "relative error", layer => layer.MeanRelative,
                layer => layer.MaxRelative),
            Panel("Absolute error |Δ| of a number", "absolute error", layer => layer.MeanAbsolute, layer => layer.MaxAbsolute),
        ];

        Plot Panel(string title, string what, Func<LayerDrift, double> mean, Func<LayerDrift, double> max) => new(title, label, what,
        [
            .. results.SelectMany((result, index) => (PlotSeries[])
            [
                new($"{Name(result.Dtype)} mean", Points(result, mean), new PlotLook(Colors[index % 2], 2, PointType: 7)),
                new($"{Name(result.Dtype)} max", Points(result, max), new PlotLook(Colors[index % 2], 1, Dashed: true, PointType: 6)),
            ]),
        ])
        {
            LogarithmicY = true, XStep = 1, XNames = fit ? layers : [],
        };
    }

    /// <summary>A table of the predictions that changed.</summary>
    public static string Flips(IReadOnlyList<PrecisionDrift> results, SequenceDataset data, Tokenizer tokenizer)
    {
        var page = new StringBuilder("# Predictions that 16 bits changed\n\nWhere the likeliest next token is another one than in float32. "
            + "The margin is how far apart the two stood in float32, in logits: only near ties flip.\n");
        foreach (PrecisionDrift result in results)
        {
            double share = 100.0 * result.Flips.Count / result.Tokens;
            page.Append(CultureInfo.InvariantCulture,
                $"\n## {Name(result.Dtype)}: {result.Flips.Count} of {result.Tokens:N0} ({share:F3} %)\n");
            if (result.Flips.Count == 0)
            {
                continue;
            }

            page.Append("\n| sequence | read so far | target | float32 | ").Append(Name(result.Dtype)).Append(" | margin |\n")
                .Append("| --- | --- | --- | --- | --- | --- |\n");
            foreach (ArgmaxFlip flip in result.Flips.Take(MostFlips))
            {
                string row = IdOf(data, flip.Sequence), float32 = Token(flip.Float32), rounded = Token(flip.Rounded);
                string read = tokenizer.Decode(data.Sequence(flip.Sequence)[..(flip.Position + 1)]);
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"| {row} | {Code(read)} | {Token(flip.Target)} | {float32} | {rounded} | {flip.Margin:G3} |\n");
            }

            if (result.Flips.Count > MostFlips)
            {
                page.Append(CultureInfo.InvariantCulture, $"\n… and {result.Flips.Count - MostFlips} more.\n");
            }
        }

        return page.ToString();

        string Token(int id) => Code(tokenizer.Piece(id));
    }

    /// <summary>The type's name as the command line has it.</summary>
    public static string Name(DriftType type) => type.ToString().ToLowerInvariant();

    private static List<(double X, double Y)> Points(PrecisionDrift result, Func<LayerDrift, double> value) =>
        [.. result.Layers.Select((layer, index) => ((double)index, value(layer))).Where(point => point.Item2 > 0)];

    private static string IdOf(SequenceDataset data, int index) =>
        data is SentenceDataset { Rows: var rows } && rows[index].Id.Length > 0
            ? rows[index].Id
            : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>A text as code in a table's cell.</summary>
    private static string Code(string text)
    {
        string line = text.Replace("\n", "↵", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);
        return $"`{line.Replace("|", "\\|", StringComparison.Ordinal)}`";
    }
}
