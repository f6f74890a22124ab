using System.CommandLine;
using Habla.Tracking.Mlflow;

namespace Habla.Cli.Commands;

/// <summary>habla runs sync: sends to MLflow what runs could not send while they trained.</summary>
internal static class RunsSyncCommand
{
    public static Command Create()
    {
        Argument<string[]> runs = new("RUN")
        {
            Description = "run folders, as habla train writes them with tracking.mlflow.uri", Arity = ArgumentArity.OneOrMore,
        };
        runs.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError("RUN is empty; expected a run folder, as habla train writes it");
            }
        });
        Option<bool> json = CommonOptions.Json();
        var command = new Command("sync", "send to MLflow what is left of runs; each metric arrives once") { runs, json };
        command.SetAction(parsed =>
        {
            List<MlflowSyncReport> reports = [.. parsed.GetValue(runs)!.Select(Sync)];
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { Runs = reports });
            }

            return reports.TrueForAll(report => report.Left == 0) ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static MlflowSyncReport Sync(string run)
    {
        MlflowSyncReport report = MlflowSync.Run(run);
        string place = report.RunId is { } id ? $"run {id} of {report.Experiment} at {report.Uri}" : $"{report.Experiment} at {report.Uri}";
        string refused = report.Refused > 0 ? $", {report.Refused} refused" : "";
        Terminal.Say($"{run}: {report.Sent:N0} entries sent, {report.Left:N0} left{refused}: {place}");
        if (report.Problem is { } problem)
        {
            Console.Error.WriteLine($"{run}: {problem}");
        }

        return report;
    }
}
