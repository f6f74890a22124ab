using System.CommandLine;
using Habla.Cli.Commands;

namespace Habla.Cli;

/// <summary>The command table. Commands stand in pipeline order; each has a file of its own under Commands/.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Habla trains, evaluates and runs small GPT language models in pure C#.");
        foreach (PipelineStage stage in Pipeline.Stages)
        {
            foreach (Command command in stage.Commands)
            {
                root.Add(command);
            }
        }

        PipelineHelp.Install(root);
        return CommandRunner.Run(root, arguments);
    }
}
