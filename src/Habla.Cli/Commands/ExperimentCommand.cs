using System.CommandLine;
using Habla.Experiments;
using Habla.Plotting;

namespace Habla.Cli.Commands;

/// <summary>habla experiment: many runs of one recipe, a table, a picture and a report.</summary>
internal static class ExperimentCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "the experiment in YAML: a recipe and what to vary (docs/experiments.md)" };
        Option<string?> output = new("--out") { Description = "the folder for runs and report [default: what the file says]" };
        Option<int?> threads = CommonOptions.Count("--threads", "threads in all [default: what the file says, or all cores]");
        Option<int?> parallel = CommonOptions.Count("--parallel", "runs side by side [default: what the file says, or as many as threads]");
        Option<bool> retry = new("--retry") { Description = "make runs again that failed" };
        Option<bool> force = new("--force") { Description = "replace runs of another recipe or other data that are in the way" };
        Option<bool> dry = new("--dry-run") { Description = "list the runs and their steps, and do nothing" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("experiment", "many runs of a recipe: a grid over any keys; a table, a plot and a report")
        {
            file, output, threads, parallel, retry, force, dry, json,
        };
        command.SetAction(parsed =>
        {
            ExperimentPlan plan = ExperimentPlan.Of(ExperimentFile.Read(parsed.GetValue(file)!), parsed.GetValue(output));
            if (parsed.GetValue(dry))
            {
                List(plan);
                return ExitCode.Done;
            }

            var runner = new ExperimentRunner(
                plan,
                new ExperimentRunOptions
                {
                    Threads = parsed.GetValue(threads), Parallel = parsed.GetValue(parallel), Retry = parsed.GetValue(retry),
                    Force = parsed.GetValue(force), CommandLine = Terminal.CommandLine,
                },
                Console.Error.WriteLine);
            return Run(plan, runner, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(ExperimentPlan plan, ExperimentRunner runner, bool json)
    {
        long steps = plan.Runs.Sum(run => (long)run.Steps);
        Terminal.Say(
            $"{plan.Runs.Count:N0} runs, {runner.Parallel} side by side with {runner.ThreadsPerRun} threads each, {steps:N0} steps in all");
        using var stop = new StopSignals();
        ExperimentReport report = ExperimentReport.Of(plan, runner, runner.Execute(stop.Token));
        string? skipped;
        try
        {
            skipped = report.Write(plan, new Gnuplot());
        }
        catch (InvalidInputException error)
        {
            Console.Error.WriteLine($"habla: {error.Message}");
            return ExitCode.RunFailed;
        }

        Summarize(plan, report, skipped);
        if (json)
        {
            Terminal.WriteJson(report);
        }

        return report.Runs.Any(run => run.Status is ExperimentRunState.Pending or ExperimentRunState.Interrupted) ? ExitCode.Interrupted
            : report.Runs.Any(run => run.Status == ExperimentRunState.Failed) ? ExitCode.RunFailed
            : ExitCode.Done;
    }

    private static void Summarize(ExperimentPlan plan, ExperimentReport report, string? skipped)
    {
        foreach (ExperimentRow row in report.Runs)
        {
            string loss = row.Metric(report.Metric) is { } value ? $"{FormattableString.Invariant($"{value:F4}")}" : "–";
            Terminal.Say($"{row.Run,-40} {row.Status.ToString().ToLowerInvariant(),-12} {row.Steps,8:N0} steps  {report.Metric} {loss}");
        }

        if (skipped is not null)
        {
            Console.Error.WriteLine(skipped);
        }

        int open = report.Runs.Count(run => run.Status is ExperimentRunState.Pending or ExperimentRunState.Interrupted);
        Terminal.Say(open > 0
            ? $"{open} runs are not done; go on with the same command"
            : (FormattableString)$"the report is {Path.Combine(plan.Folder, ExperimentReport.PageFileName)}");
    }

    private static void List(ExperimentPlan plan)
    {
        foreach (PlannedRun run in plan.Runs)
        {
            Terminal.Say($"{run.Name,-40} {run.Steps,8:N0} steps, {run.StepsPerEpoch:N0} an epoch");
        }

        Terminal.Say($"{plan.Runs.Count:N0} runs, compared by {plan.Metric}");
    }
}
