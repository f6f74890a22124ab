using System.Text.RegularExpressions;

namespace Habla.Cli.Shell;

/// <summary>The command that goes on with a run, as it can be pasted into a shell.</summary>
internal static partial class ResumeHint
{
    /// <summary>The run's own recipe has every setting, whatever the first command was given.</summary>
    public static string Of(string folder) =>
        $"habla train --resume --out {Quote(folder)} --config {Quote(Path.Combine(folder, "config.yaml"))}{Baseline()}";

    /// <summary>A text as one word for a shell.</summary>
    public static string Quote(string text) =>
        Harmless().IsMatch(text) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The baseline is no part of the recipe: what was said about it is said again.</summary>
    private static string Baseline()
    {
        string[] typed = Environment.GetCommandLineArgs();
        int named = Array.IndexOf(typed, "--baseline");
        return typed.Contains("--no-baseline") ? " --no-baseline"
            : named >= 0 && named + 1 < typed.Length ? $" --baseline {Quote(typed[named + 1])}"
            : "";
    }

    [GeneratedRegex("^[A-Za-z0-9_./:@%+=,-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}
