using System.CommandLine;
using System.Globalization;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla runs compare: what two runs did differently, and what came of it.</summary>
internal static class RunsCompareCommand
{
    public static Command Create()
    {
        Argument<string> a = new("A") { Description = "a run folder" };
        Argument<string> b = new("B") { Description = "another one" };
        Option<string?> output = new("--out") { Description = "a PNG file for the losses of both; without it nothing is drawn" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("compare", "two runs: recipe keys that differ, figures side by side, losses in one picture")
        {
            a, b, output, json,
        };
        command.SetAction(parsed =>
        {
            string first = parsed.GetValue(a)!, second = parsed.GetValue(b)!;
            var comparison = RunComparison.Of(RunSummary.Read(first), RunSummary.Read(second));
            Show(comparison);
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(comparison);
            }

            return parsed.GetValue(output) is not { } file || Draw(comparison, file) ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static void Show(RunComparison comparison)
    {
        if (comparison.Config.Count == 0)
        {
            Console.Error.WriteLine("the two recipes are the same");
        }
        else
        {
            Terminal.WriteTable(
                ["key", "A", "B"], [.. comparison.Config.Select(change => (string[])[change.Key, change.A ?? "", change.B ?? ""])],
                leftColumns: 1);
        }

        Console.Error.WriteLine();
        Terminal.WriteTable(
            ["", "A", "B", "B against A"],
            [
                .. comparison.Metrics.Where(metric => metric.A is not null || metric.B is not null)
                    .Select(metric => (string[])
                    [
                        metric.Name, Figure(metric.Name, metric.A), Figure(metric.Name, metric.B), Change(metric.A, metric.B),
                    ]),
            ], leftColumns: 1);
    }

    private static bool Draw(RunComparison comparison, string file)
    {
        IReadOnlyList<StepMetrics> Log(RunSummary run) => RunSummary.ReadLog(RunFolder.Open(run.Folder));
        string? skipped = new Gnuplot().Draw(file, comparison.Plots(Log(comparison.A), Log(comparison.B)));
        Console.Error.WriteLine(skipped ?? $"the losses of both are in {file}");
        return skipped is null;
    }

    private static string Figure(string name, double? value) =>
        value is { } perplexity && name.Contains("perplexity", StringComparison.Ordinal) ? PerplexityText.Of(perplexity) : Number(value);

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1e15 or <= -1e15 => value.Value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        { } whole when whole == Math.Floor(whole) => whole.ToString("N0", CultureInfo.InvariantCulture),
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        { } number => number.ToString("N3", CultureInfo.InvariantCulture),
    };

    private static string Change(double? a, double? b) =>
        a is not { } before || b is not { } after || before == 0 ? ""
        : before == after ? "same"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(100 * (after - before) / Math.Abs(before), 1) + 0.0:+0.0;-0.0;0.0} %");
}
