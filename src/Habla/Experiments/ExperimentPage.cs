using System.Globalization;
using System.Text;

namespace Habla.Experiments;

/// <summary><c>REPORT.md</c>: an experiment's table, what its gradients did, and how to do it again. Made from numbers alone.</summary>
internal static class ExperimentPage
{
    private const int HashLetters = 12;

    /// <summary>The page.</summary>
    public static string Of(ExperimentPlan plan, ExperimentReport report, bool withPicture)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {report.Name}\n\n");
        if (plan.File.About.Length > 0)
        {
            page.Append(plan.File.About.ReplaceLineEndings("\n")).Append("\n\n");
        }

        page.Append(Begin(plan)).Append(Verdict(report)).Append("\n\n");
        AddRuns(page, plan, report);
        AddSeeds(page, plan, report);
        AddGradients(page, report);
        if (withPicture)
        {
            page.Append(CultureInfo.InvariantCulture, $"![losses]({ExperimentReport.PlotFileName})\n\n");
        }

        foreach (ExperimentRow row in report.Runs.Where(row => row.Message is not null))
        {
            page.Append(CultureInfo.InvariantCulture, $"- {row.Run}: {row.Message!.ReplaceLineEndings(" ")}\n");
        }

        page.Append(report.Runs.Any(row => row.Message is not null) ? "\n" : "");
        page.Append(CultureInfo.InvariantCulture, $"""
            Losses are means per token, in nats. "train" is the loss on all training data at the end, without dropout; "last epoch" is
            the mean over the last pass's steps as they were trained. Times are of {Count(report.Parallel, "run")} side by side,
            {Count(report.ThreadsPerRun, "thread")} each, on {report.Machine.Cpu}; everything else comes out the same, to the bit.

            Again: `habla experiment {report.File}`. A run by itself: `habla train --config runs/RUN/config.yaml --no-baseline --out DIR`.

            """);
        return page.ToString();
    }

    private static string Begin(ExperimentPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(plan.Runs.Count, "run")} of `{plan.File.Config}`")
        + (plan.File.Fixed.Count > 0
            ? " with " + string.Join(", ", plan.File.Fixed.Select(change => $"`{change.Key.Path}: {change.Value.Text}`"))
            : "") + ". ";

    private static string Verdict(ExperimentReport report)
    {
        int finished = report.Runs.Count(row => row.Status == ExperimentRunState.Finished);
        string all = finished == report.Runs.Count ? "" : string.Create(
            CultureInfo.InvariantCulture, $"{finished} of them finished. ");
        return all + (report.Best is { } best
            ? $"Least {report.Metric}: **{best}** ({Loss(report.Runs.First(row => row.Run == best).Metric(report.Metric))})."
            : $"None has a {report.Metric} yet.");
    }

    private static void AddRuns(StringBuilder page, ExperimentPlan plan, ExperimentReport report)
    {
        bool validates = report.Runs.Any(row => row.ValidationLoss is not null);
        bool seeds = report.Runs.Select(row => row.Seed).Distinct().Count() > 1;
        AddRow(page,
        [
            .. Named(plan, "run"), .. plan.VariedKeys.Select(key => $"`{key}`"), .. seeds ? ["seed"] : (string[])[],
            "status", "steps", "steps/epoch", "last epoch", "train",
            .. validates ? ["validation", "best validation"] : (string[])[], "seconds", "tokens/s", "weights",
        ], isHeader: true);
        foreach (ExperimentRow row in report.Runs)
        {
            AddRow(page,
            [
                .. Named(plan, NameOf(plan, row)), .. plan.VariedKeys.Select(key => row.Values[key]),
                .. seeds ? [Whole(row.Seed)] : (string[])[],
                Word(row.Status), Whole(row.Steps), Whole(row.StepsPerEpoch), Loss(row.LastEpochLoss), Loss(row.TrainLoss),
                .. validates ? [Loss(row.ValidationLoss), Best(row)] : (string[])[],
                Number(row.WallClockSeconds, "F1"), Number(row.TokensPerSecond, "N0"),
                row.WeightsSha256 is { } hash ? $"`{hash[..HashLetters]}`" : "–",
            ]);
        }

        page.Append('\n');
    }

    /// <summary>The spread over seeds, where a setting has several.</summary>
    private static void AddSeeds(StringBuilder page, ExperimentPlan plan, ExperimentReport report)
    {
        if (plan.File.Seeds.Count < 2)
        {
            return;
        }

        string[] header =
        [
            .. Named(plan, "run"), .. plan.VariedKeys.Select(key => $"`{key}`"),
            "seeds", $"mean {report.Metric}", "deviation", "least", "largest",
        ];
        AddRow(page, header, isHeader: true);
        foreach (IGrouping<int, ExperimentRow> setting in report.Runs.GroupBy(row => row.Setting))
        {
            double[] losses = [.. setting.Select(row => row.Metric(report.Metric)).OfType<double>()];
            double mean = losses.DefaultIfEmpty(double.NaN).Average();
            double squares = losses.Sum(loss => (loss - mean) * (loss - mean));
            double deviation = losses.Length < 2 ? double.NaN : Math.Sqrt(squares / (losses.Length - 1));
            AddRow(page,
            [
                .. Named(plan, NameOf(plan, setting.First())), .. plan.VariedKeys.Select(key => setting.First().Values[key]),
                Whole(losses.Length), Loss(mean), Loss(deviation), Loss(losses.DefaultIfEmpty(double.NaN).Min()),
                Loss(losses.DefaultIfEmpty(double.NaN).Max()),
            ]);
        }

        page.Append('\n');
    }

    /// <summary>A cell for the name, where the file names its runs.</summary>
    private static string[] Named(ExperimentPlan plan, string cell) =>
        plan.File.Settings.Any(setting => setting.Name is not null) ? [cell] : [];

    private static string NameOf(ExperimentPlan plan, ExperimentRow row) => plan.File.Settings[row.Setting].Name ?? row.Run;

    private static void AddGradients(StringBuilder page, ExperimentReport report)
    {
        AddRow(page, ["gradient norm before clipping", "clipped steps", "largest", "mean", "last"], isHeader: true);
        foreach (ExperimentRow row in report.Runs)
        {
            AddRow(page, row.GradientNorm is { } norm
                ?
                [
                    row.Run, $"{Number(100 * norm.ClippedShare, "F1")} %", Number(norm.Maximum, "G4"), Number(norm.Mean, "G4"),
                    Number(norm.Final, "G4"),
                ]
                : [row.Run, "–", "–", "–", "–"]);
        }

        page.Append('\n');
    }

    private static void AddRow(StringBuilder page, IReadOnlyList<string> cells, bool isHeader = false)
    {
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        if (isHeader)
        {
            page.Append("| ").AppendJoin(" | ", cells.Select(_ => "---")).Append(" |\n");
        }
    }

    private static string Best(ExperimentRow row) => row.BestValidationStep is { } step
        ? string.Create(CultureInfo.InvariantCulture, $"{Loss(row.BestValidationLoss)} (step {step})")
        : "–";

    private static string Word(ExperimentRunState state) => state switch
    {
        ExperimentRunState.Pending => "not begun",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static string Whole(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Whole(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Loss(double? loss) => Number(loss, loss < 1e6 ? "F4" : "0.0e+0");

    private static string Number(double? number, string format) =>
        number is { } value && !double.IsNaN(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";
}
