using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Habla.Cli.Commands;

namespace Habla.Cli;

/// <summary>The first-level help: a map of the pipeline, a line per command, instead of one long alphabetical list.</summary>
internal sealed class PipelineHelp : SynchronousCommandLineAction
{
    // Columns for a command's name and what belongs to it; after a longer one the description stands on the next line.
    private const int NameWidth = 38;

    private readonly HelpAction _ordinaryHelp;

    private PipelineHelp(HelpAction ordinaryHelp) => _ordinaryHelp = ordinaryHelp;

    public static void Install(Command root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new PipelineHelp((HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Parent is not null)
        {
            return _ordinaryHelp.Invoke(parseResult);
        }

        Write(parseResult.InvocationConfiguration.Output);
        return 0;
    }

    public static void Write(TextWriter output)
    {
        output.WriteLine("Habla trains, evaluates and runs small GPT language models in pure C#.");
        output.WriteLine();
        output.WriteLine("  habla COMMAND [options]        habla COMMAND --help explains one");
        foreach (PipelineStage stage in Pipeline.Stages)
        {
            output.WriteLine();
            output.WriteLine(stage.Title);
            foreach (Command command in stage.Commands)
            {
                string name = command.Subcommands.Count == 0
                    ? command.Name
                    : command.Name + " " + string.Join('|', command.Subcommands.Select(sub => sub.Name));
                string start = name.Length <= NameWidth ? name.PadRight(NameWidth) : $"{name}{Environment.NewLine}  {"",NameWidth}";
                output.WriteLine($"  {start} {command.Description}");
            }
        }

        output.WriteLine();
        output.WriteLine("Exit codes: 0 done, 1 the run failed, 2 bad usage or input, 130 interrupted after saving.");
    }
}
