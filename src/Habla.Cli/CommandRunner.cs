using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Habla.Cli;

/// <summary>Runs a parsed command and turns what can go wrong into one helpful message and the right exit code.</summary>
internal static class CommandRunner
{
    public static int Run(Command root, string[] arguments)
    {
        try
        {
            return RunParsed(root, arguments);
        }
        catch (OutputLostException error)
        {
            Console.Error.WriteLine($"habla: standard output cannot be written: {error.Message.TrimEnd('.')}; "
                + "the answer is lost, what was written to files is whole");
            return ExitCode.RunFailed;
        }
    }

    private static int RunParsed(Command root, string[] arguments)
    {
        if (arguments.Length == 0)
        {
            PipelineHelp.Write(Console.Out);
            return ExitCode.Done;
        }

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction and not PipelineHelp)
        {
            foreach (string problem in Problems(parsed))
            {
                Console.Error.WriteLine($"habla: {problem}");
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
        catch (OutOfMemoryException)
        {
            Console.Error.WriteLine("habla: there is not enough memory for this: take a smaller model (model.d_model, model.n_layer), "
                + "a shorter context (model.max_seq_len) or more micro-batches (training.micro_batches)");
            return ExitCode.BadInput;
        }
    }

    /// <summary>An unknown or missing command is one problem with one remedy; everything else is said as the parser says it.</summary>
    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        Command[] choices = [.. parsed.CommandResult.Command.Subcommands.Where(command => !command.Hidden)];
        if (choices.Length == 0)
        {
            return parsed.Errors.Select(error => Wording(error.Message));
        }

        string problem = parsed.UnmatchedTokens is [{ } unknown, ..]
            ? $"'{unknown}' is not a command of '{PathTo(parsed.CommandResult)}'"
            : $"'{PathTo(parsed.CommandResult)}' needs a command";
        return [$"{problem}; there are: {string.Join(", ", choices.Select(choice => choice.Name))}"];
    }

    /// <summary>What the parser says of a number in the words of .NET's types, in those of the other messages.</summary>
    private static string Wording(string message)
    {
        Match number = Regex.Match(message, @"^Cannot parse argument '(.*)' for option '(.*)' as expected type 'System\.(U?)Int(?:32|64)'");
        string least = number.Groups[3].Length > 0 ? " of at least 0" : "";
        return number.Success ? $"{number.Groups[2].Value} {number.Groups[1].Value}: expected a whole number{least}, not too large" : message;
    }

    private static string PathTo(CommandResult? result)
    {
        var names = new Stack<string>();
        for (; result is not null; result = result.Parent as CommandResult)
        {
            names.Push(result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
