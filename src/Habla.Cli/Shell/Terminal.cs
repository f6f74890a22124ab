using System.Globalization;
using System.Text.Json;
using Habla.Storage;
using Spectre.Console;

namespace Habla.Cli.Shell;

/// <summary>Where a command writes: people read standard error, programs read standard output. And what was typed there.</summary>
internal static class Terminal
{
    /// <summary>Standard error, with colours and live display where it is a terminal.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        Interactive = Console.IsErrorRedirected ? InteractionSupport.No : InteractionSupport.Detect,
    });

    /// <summary>What was typed, for what a command leaves behind.</summary>
    public static IReadOnlyList<string> CommandLine => ["habla", .. Environment.GetCommandLineArgs().Skip(1)];

    /// <summary>Writes a line for people, given in one to three parts, with numbers as they are written everywhere.</summary>
    public static void Say(FormattableString line, FormattableString? more = null, FormattableString? andMore = null) =>
        Console.Error.WriteLine(string.Concat(Text(line), Text(more), Text(andMore)));

    /// <summary>Writes a line for people in the middle of whatever goes on; a live line there is moved, not broken.</summary>
    public static void Notice(string line)
    {
        if (LiveLine.Current is { } live)
        {
            live.WriteAbove(line);
        }
        else
        {
            Console.Error.WriteLine(line);
        }
    }

    /// <summary>Writes a table for people: columns as wide as they must be, so that no terminal's width cuts a number.</summary>
    /// <param name="head">The columns' names.</param>
    /// <param name="rows">As many texts each.</param>
    /// <param name="leftColumns">How many columns stand on the left side; the others are numbers and stand on the right.</param>
    public static void WriteTable(string[] head, string[][] rows, int leftColumns)
    {
        int[] widths = [.. head.Select((name, column) => rows.Append(head).Max(row => row[column].Length))];
        foreach (string[] row in rows.Prepend(head))
        {
            IEnumerable<string> cells = row.Select(
                (cell, column) => column < leftColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            Console.Error.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>Writes one JSON object to standard output.</summary>
    public static void WriteJson<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonFormat.Line));

    private static string? Text(FormattableString? part) => part?.ToString(CultureInfo.InvariantCulture);
}
