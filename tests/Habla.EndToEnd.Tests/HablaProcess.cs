using System.Diagnostics;

namespace Habla.EndToEnd.Tests;

/// <summary>Runs the real command line in a process of its own, as a user would: arguments in, texts and an exit code out.</summary>
internal static class HablaProcess
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    // Built with this project and copied beside it.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Habla.Cli.dll");

    /// <summary>Runs habla in the checkout's root.</summary>
    public static ProcessResult Run(params string[] arguments) => RunIn(Habla.Tests.Repository.Root, arguments);

    /// <summary>Runs habla in a folder.</summary>
    public static ProcessResult RunIn(string workingFolder, params string[] arguments) =>
        RunIn(workingFolder, new Dictionary<string, string>(), arguments);

    /// <summary>Runs habla in a folder, with environment variables of its own.</summary>
    public static ProcessResult RunIn(string workingFolder, IReadOnlyDictionary<string, string> environment, string[] arguments) =>
        ExternalProcess.Run(Dotnet.Path, [Program, .. arguments], workingFolder, TimeLimit, environment);

    /// <summary>Runs habla in a folder as a user who may not read everything: root gives its rights up for that.</summary>
    public static ProcessResult WithoutRights(string workingFolder, params string[] arguments) => Environment.IsPrivilegedProcess
        ? ExternalProcess.Run("setpriv", [.. Nobody, Dotnet.Path, Program, .. arguments], workingFolder, TimeLimit)
        : RunIn(workingFolder, arguments);

    /// <summary>Why habla cannot be run by such a user; null when it can.</summary>
    public static string? WhyNotWithoutRights()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        try
        {
            string[] command = [.. Nobody, "sh", "-c", "test -r \"$0\" && command -v \"$1\"", Program, Dotnet.Path];
            return ExternalProcess.Run("setpriv", command, "/", TimeLimit).ExitCode == 0
                ? null
                : $"the user nobody may not read {Program}, or not start {Dotnet.Path}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "setpriv is not installed: apt-get install util-linux";
        }
    }

    private static string[] Nobody { get; } = ["--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>Runs habla in a folder with its output or error redirected as a shell does it.</summary>
    /// <param name="workingFolder">Where to run.</param>
    /// <param name="redirection">Such as <c>2>/dev/full</c>.</param>
    /// <param name="arguments">The command.</param>
    public static ProcessResult Redirected(string workingFolder, string redirection, params string[] arguments) => ExternalProcess.Run(
        "sh", ["-c", $"exec \"$0\" \"$@\" {redirection}", Dotnet.Path, Program, .. arguments], workingFolder, TimeLimit);

    /// <summary>Runs habla in a folder and sends it a signal as soon as a file has grown.</summary>
    /// <param name="workingFolder">Where to run.</param>
    /// <param name="signal">INT, TERM or KILL.</param>
    /// <param name="onceGrown">The file to wait for; it need not exist before.</param>
    /// <param name="arguments">The command.</param>
    public static ProcessResult Signal(string workingFolder, string signal, string onceGrown, params string[] arguments)
    {
        long Length() => File.Exists(onceGrown) ? new FileInfo(onceGrown).Length : 0;
        long before = Length();

        // A shell makes what it starts in the background deaf to SIGINT, and tests may well run there.
        return ExternalProcess.Run(
            "env", ["--default-signal=INT,TERM", Dotnet.Path, Program, .. arguments], workingFolder, TimeLimit,
            whileItRuns: process =>
            {
                while (!process.HasExited && Length() <= before)
                {
                    Thread.Sleep(5);
                }

                ExternalProcess.Run("sh", ["-c", $"kill -{signal} {process.Id}"], workingFolder, TimeLimit);
            });
    }

    /// <summary>
    /// Runs habla in a folder, says something to it, sends it SIGINT as soon as it has answered something, and says something more.
    /// </summary>
    /// <param name="workingFolder">Where to run.</param>
    /// <param name="first">What is said first.</param>
    /// <param name="then">What is said after the signal.</param>
    /// <param name="arguments">The command.</param>
    public static ProcessResult InterruptedAnswer(string workingFolder, string first, string then, params string[] arguments)
    {
        const string Script = """
            talk=$(mktemp -d); mkfifo "$talk/in"; first=$1; then=$2; shift 2
            env --default-signal=INT "$@" < "$talk/in" > "$talk/out" & program=$!
            exec 3> "$talk/in"; echo "$first" >&3
            until [ -s "$talk/out" ]; do kill -0 $program || exit 99; sleep 0.05; done
            kill -INT $program; echo "$then" >&3; exec 3>&-
            wait $program; code=$?; cat "$talk/out"; rm -r "$talk"; exit $code
            """;
        return ExternalProcess.Run(
            "sh", ["-c", Script, "sh", first, then, Dotnet.Path, Program, .. arguments], workingFolder, TimeLimit);
    }

    /// <summary>Runs a command line in a shell to which <c>habla</c> is known.</summary>
    public static ProcessResult Pasted(string workingFolder, string line) => ExternalProcess.Run(
        "sh", ["-c", $"habla() {{ '{Dotnet.Path}' '{Program}' \"$@\"; }}; {line}"], workingFolder, TimeLimit);

    /// <summary>Runs habla on a terminal of its own; what it shows there is the output.</summary>
    /// <param name="workingFolder">Where to run.</param>
    /// <param name="width">The terminal's width in columns.</param>
    /// <param name="arguments">The command, words without spaces.</param>
    public static ProcessResult OnTerminal(string workingFolder, int width, params string[] arguments) => ExternalProcess.Run(
        "script", ["-qec", $"stty cols {width} rows 24; '{Dotnet.Path}' '{Program}' {string.Join(' ', arguments)}", "/dev/null"],
        workingFolder, TimeLimit, new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["CI"] = "", ["GITHUB_ACTIONS"] = "" });

    /// <summary>Runs habla in a folder and sends it a signal as soon as it has said something on standard error.</summary>
    /// <param name="workingFolder">Where to run.</param>
    /// <param name="signal">INT, TERM or KILL.</param>
    /// <param name="said">How a line begins.</param>
    /// <param name="arguments">The command.</param>
    public static ProcessResult SignalOnceSaid(string workingFolder, string signal, string said, params string[] arguments) =>
        ExternalProcess.Run(
            "env", ["--default-signal=INT,TERM", Dotnet.Path, Program, .. arguments], workingFolder, TimeLimit,
            onErrorLine: (process, line) =>
            {
                if (line.StartsWith(said, StringComparison.Ordinal))
                {
                    ExternalProcess.Run("sh", ["-c", $"kill -{signal} {process.Id}"], workingFolder, TimeLimit);
                }
            });

    /// <summary>Runs habla in a folder and does something to the process meanwhile, such as killing it.</summary>
    public static ProcessResult While(string workingFolder, Action<Process> whileItRuns, params string[] arguments) =>
        ExternalProcess.Run(Dotnet.Path, [Program, .. arguments], workingFolder, TimeLimit, whileItRuns: whileItRuns);
}
