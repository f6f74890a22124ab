using System.Globalization;
using System.Text.Json;
using Habla.Storage;
using Spectre.Console;

namespace Habla.Cli;

/// <summary>Where a command writes: people read standard error, programs read standard output.</summary>
internal static class Terminal
{
    /// <summary>Standard error, with colours and live display where it is a terminal.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        Interactive = Console.IsErrorRedirected ? InteractionSupport.No : InteractionSupport.Detect,
    });

    /// <summary>Writes a line for people, with numbers as they are written everywhere.</summary>
    public static void Say(FormattableString line) => Console.Error.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes one JSON object to standard output.</summary>
    public static void WriteJson<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonFormat.Line));
}
