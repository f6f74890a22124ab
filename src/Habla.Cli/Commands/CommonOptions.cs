using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>Options that several commands share, so that they read and behave the same everywhere.</summary>
internal static class CommonOptions
{
    public static Option<string> Config() => new("--config") { Description = "the recipe, such as configs/verbs.yaml", Required = true };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "section.key=value: overrides one key of the recipe; may be repeated",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<string> Out(string what) => new("--out") { Description = what, Required = true };

    public static Option<string> Run() => new("--run") { Description = "a run folder, as habla train writes it", Required = true };

    public static Option<int> Threads() => new("--threads")
    {
        Description = "threads to compute on (all cores); they change the speed, never a bit of the result",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int threads) || threads is < 1 or > 1024))
                {
                    result.AddError($"--threads {result.Tokens[0].Value}: expected a whole number from 1 to 1024");
                }
            },
        },
    };

    public static Option<bool> Json() => new("--json") { Description = "one JSON object to standard output" };

    public static Option<bool> Force() => new("--force") { Description = "replace the run that the folder holds" };
}
