using System.CommandLine;
using System.Globalization;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla runs list: a table of the training runs in some folders.</summary>
internal static class RunsListCommand
{
    public static Command Create()
    {
        Argument<string[]> folders = new("FOLDER")
        {
            Description = "folders to look in, with all beneath them", Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => ["runs"],
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("list", "a table of training runs: status, steps, size, perplexity, time") { folders, json };
        command.SetAction(parsed =>
        {
            List<RunSummary> runs = [];
            foreach (string folder in parsed.GetValue(folders)!.SelectMany(RunSummary.FoldersUnder).Distinct())
            {
                try
                {
                    runs.Add(RunSummary.Read(folder));
                }
                catch (InvalidInputException error)
                {
                    Console.Error.WriteLine($"left out: {error.Message}");
                }
            }

            Show(runs);
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { runs });
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(List<RunSummary> runs)
    {
        if (runs.Count == 0)
        {
            Console.Error.WriteLine("no training run here; habla train makes one");
            return;
        }

        string[] head = ["run", "status", "steps", "parameters", "val ppl", "baseline", "time", "started (UTC)"];
        Terminal.WriteTable(head,
        [
            .. runs.Select(run => (string[])
            [
                run.Folder, run.IsKilled ? "killed" : run.Status.ToString().ToLowerInvariant(),
                Number(run.Steps, "N0"), Number(run.Parameters, "N0"),
                Perplexity(run.ValidationPerplexity), Perplexity(run.BaselinePerplexity),
                run.WallClockSeconds is { } seconds ? PreflightNotes.Duration(seconds) : "",
                run.StartedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            ]),
        ], leftColumns: 2);
    }

    private static string Perplexity(double? value) => value is { } perplexity ? PerplexityText.Of(perplexity) : "";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
