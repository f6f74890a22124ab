using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>habla runs: what the runs on this disk came to.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "list runs, or compare two")
    {
        RunsListCommand.Create(), RunsCompareCommand.Create(),
    };
}
