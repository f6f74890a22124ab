using System.CommandLine;
using System.CommandLine.Parsing;

namespace Habla.Cli;

/// <summary>Runs a parsed command and turns what can go wrong into one helpful message and the right exit code.</summary>
internal static class CommandRunner
{
    public static int Run(RootCommand root, string[] arguments)
    {
        if (arguments.Length == 0)
        {
            PipelineHelp.Write(Console.Out);
            return ExitCode.Done;
        }

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction and not PipelineHelp)
        {
            foreach (ParseError error in parsed.Errors)
            {
                Console.Error.WriteLine($"habla: {error.Message}");
            }

            Console.Error.WriteLine($"Try: {PathTo(parsed.CommandResult)} --help");
            return ExitCode.BadInput;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (InvalidInputException error)
        {
            Console.Error.WriteLine($"habla: {error.Message}");
            return ExitCode.BadInput;
        }
    }

    private static string PathTo(CommandResult? result)
    {
        var names = new Stack<string>();
        for (; result is not null; result = result.Parent as CommandResult)
        {
            names.Push(result.Command is RootCommand ? "habla" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
