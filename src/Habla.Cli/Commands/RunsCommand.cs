using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>habla runs: what to do with run folders, one or several.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "send runs to MLflow that could not be sent while they trained")
    {
        RunsSyncCommand.Create(),
    };
}
