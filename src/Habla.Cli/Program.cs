using System.CommandLine;
using System.CommandLine.Help;
using Habla.Cli.Commands;

namespace Habla.Cli;

/// <summary>The command table. Commands stand in pipeline order; each has a file of its own under Commands/.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        GuardedWriter.Install();

        // Not a RootCommand: that one takes its name from the file that runs, Habla.Cli, and help has to say what people type.
        var root = new Command("habla", "Habla trains, evaluates and runs small GPT language models in pure C#.")
        {
            new HelpOption(), new VersionOption(),
        };
        foreach (PipelineStage stage in Pipeline.Stages)
        {
            foreach (Command command in stage.Commands)
            {
                root.Add(command);
            }
        }

        root.Add(IngestWorkerCommand.Create());
        CommonOptions.RefuseEmptyNames(root);
        PipelineHelp.Install(root);
        return CommandRunner.Run(root, arguments);
    }
}
