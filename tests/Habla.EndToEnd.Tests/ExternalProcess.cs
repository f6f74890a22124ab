using System.Diagnostics;
using System.Text;

namespace Habla.EndToEnd.Tests;

/// <summary>Runs a program to its end, or kills it with all that it started when it takes too long.</summary>
internal static class ExternalProcess
{
    public static ProcessResult Run(
        string program, IReadOnlyList<string> arguments, string workingFolder, TimeSpan limit,
        IReadOnlyDictionary<string, string>? environment = null, Action<Process>? whileItRuns = null,
        Action<Process, string>? onErrorLine = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["DOTNET_NOLOGO"] = "1";
        info.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        info.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        // A build server that outlives the test would keep the pipes open and the test waiting.
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        info.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";

        // The test host's own MSBuild must not decide which one a child uses.
        info.Environment.Remove("MSBUILD_EXE_PATH");
        info.Environment.Remove("MSBuildSDKsPath");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        using Process process = Process.Start(info)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = onErrorLine is null
            ? process.StandardError.ReadToEndAsync()
            : ReadLinesAsync(process, line => onErrorLine(process, line));
        string call = $"{program} {string.Join(' ', arguments)}";
        whileItRuns?.Invoke(process);
        if (!process.WaitForExit(limit) || !Task.WaitAll([output, error], limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{call} took longer than {limit.TotalSeconds:0} seconds");
        }

        return new ProcessResult(call, process.ExitCode, output.Result, error.Result);
    }

    private static async Task<string> ReadLinesAsync(Process process, Action<string> onLine)
    {
        var all = new StringBuilder();
        while (await process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            all.Append(line).Append('\n');
            onLine(line);
        }

        return all.ToString();
    }
}
