using System.ComponentModel;
using System.Diagnostics;

namespace Habla.Tests.Ingestion;

/// <summary>A test against the real git; skipped with a line where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GitFactAttribute : FactAttribute
{
    public GitFactAttribute()
    {
        try
        {
            Git.Run(".", "", "--version");
        }
        catch (Win32Exception)
        {
            Skip = "git is not installed: apt-get install git";
        }
    }
}

/// <summary>Runs git, with nobody's settings.</summary>
internal static class Git
{
    public static string Run(string folder, string input, params string[] arguments)
    {
        var info = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        info.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        info.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using Process git = Process.Start(info)!;
        Task<string> output = git.StandardOutput.ReadToEndAsync(), error = git.StandardError.ReadToEndAsync();
        git.StandardInput.Write(input);
        git.StandardInput.Close();
        git.WaitForExit();
        Assert.True(git.ExitCode is 0 or 1, $"git {string.Join(' ', arguments)}: {error.Result}");
        return output.Result;
    }
}
