using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Habla.Runs;

namespace Habla.Cli.Commands;

/// <summary>Options that several commands share, so that they read and behave the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>The one text that may be empty: a model can begin from nothing.</summary>
    public const string Prompt = "--prompt";

    public static Option<string> Config() => new("--config") { Description = "the recipe, such as configs/verbs.yaml", Required = true };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "section.key=value: overrides one key of the recipe; may be repeated",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<string> Out(string what) => new("--out") { Description = what, Required = true };

    public static Option<string> Run() => new("--run") { Description = "a run folder, as habla train writes it", Required = true };

    /// <summary>A run that may be named as RUN or with --run, as the commands around it have one or the other.</summary>
    /// <param name="command">Is given both.</param>
    /// <param name="description">What to name.</param>
    /// <returns>Which one was named.</returns>
    public static Func<ParseResult, string> RunOrOption(Command command, string description)
    {
        Argument<string?> run = new("RUN") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Option<string?> option = new("--run") { Description = "the same as RUN" };
        command.Add(run);
        command.Add(option);
        command.Validators.Add(result =>
        {
            string? named = result.GetValue(run), asOption = result.GetValue(option);
            if (named is null && asOption is null)
            {
                result.AddError("Required argument missing: RUN, a run folder, as habla train writes it");
            }
            else if (named is not null && asOption is not null)
            {
                result.AddError("RUN and --run name a run each: give one of them");
            }
            else if (named is "")
            {
                result.AddError("RUN is empty; expected a run folder, as habla train writes it");
            }
        });
        return parsed => (parsed.GetValue(run) ?? parsed.GetValue(option))!;
    }

    public static Option<string> Checkpoint() => new("--checkpoint")
    {
        Description = "which checkpoint of the run: last, best or step-N", DefaultValueFactory = _ => "last",
    };

    /// <summary>
    /// A model to use: <c>--run DIR</c> with the checkpoint's name in <c>--checkpoint</c>, or <c>--checkpoint FILE</c> alone.
    /// </summary>
    /// <param name="command">Is given both.</param>
    /// <returns>Opens the model that was named.</returns>
    public static Func<ParseResult, SavedModel> Model(Command command)
    {
        Option<string?> run = new("--run") { Description = "a run folder, as habla train writes it, or a model's folder" };
        Option<string?> checkpoint = new("--checkpoint")
        {
            Description = "with --run which checkpoint: last (the default), best or step-N; alone a weights file or its folder",
        };
        command.Add(run);
        command.Add(checkpoint);
        command.Validators.Add(result =>
        {
            (string? named, string? which) = (result.GetValue(run), result.GetValue(checkpoint));
            if (named is null && (which is null || CheckpointName(which)))
            {
                result.AddError($"{(which is null ? "" : $"--checkpoint {which}: which run? ")}"
                    + "Name a model: --run DIR, a run folder as habla train writes it, or --checkpoint FILE, a file of weights");
            }
            else if (named is not null && which is not null && !CheckpointName(which))
            {
                result.AddError($"--checkpoint {which}: with --run expected last, best or step-N; a file of weights goes without --run");
            }
        });
        return parsed => parsed.GetValue(run) is { } folder
            ? SavedModel.Open(folder, parsed.GetValue(checkpoint) ?? "last")
            : SavedModel.Open(parsed.GetValue(checkpoint)!);
    }

    public static Option<int> Threads() => new("--threads")
    {
        Description = "threads to compute on (all cores); they change the speed, never a bit of the result",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        Validators = { RefuseNoCount },
    };

    /// <summary>How many of something that a machine has few of; null when it is left out.</summary>
    public static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description, Validators = { RefuseNoCount },
    };

    /// <summary>A number with a decimal point; "1,5" is refused instead of being read as 15.</summary>
    public static Option<double> Number(string name, string description, double fallback) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => fallback,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            {
                result.AddError($"{name} {text}: expected a number such as 0.8");
            }

            return number;
        },
    };

    public static Option<bool> Json() => new("--json") { Description = "one JSON object to standard output" };

    public static Option<bool> Force() => new("--force") { Description = "replace the run that the folder holds" };

    /// <summary>
    /// Makes an empty text where a file, a folder or a name belongs bad usage: a shell gives one when a variable is not set.
    /// </summary>
    /// <param name="command">The command, with all beneath it.</param>
    public static void RefuseEmptyNames(Command command)
    {
        foreach (Option option in command.Options.Where(option => IsText(option) && option.Name != Prompt))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(token => token.Value.Length == 0))
                {
                    result.AddError($"{option.Name} is empty; expected {option.Description}");
                }
            });
        }

        foreach (Command inner in command.Subcommands)
        {
            RefuseEmptyNames(inner);
        }
    }

    private static void RefuseNoCount(OptionResult result)
    {
        if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int count) || count is < 1 or > 1024))
        {
            result.AddError($"{result.Option.Name} {result.Tokens[0].Value}: expected a whole number from 1 to 1024");
        }
    }

    private static bool CheckpointName(string text) =>
        text is "last" or "best" or "diverged" || text.StartsWith("step-", StringComparison.Ordinal);

    private static bool IsText(Option option) => option.ValueType == typeof(string) || option.ValueType == typeof(string[]);
}
