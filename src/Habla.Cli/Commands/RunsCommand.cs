using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>habla runs: what the runs on this disk came to, and where else they tell it.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "list runs, compare two, or send to MLflow what could not be sent in training")
    {
        RunsListCommand.Create(), RunsCompareCommand.Create(), RunsSyncCommand.Create(),
    };
}
