namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>Programs of the system that make disks behave.</summary>
internal static class SystemCommand
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    /// <summary>Runs one that has to work.</summary>
    /// <returns>What it said.</returns>
    public static string Run(string program, params string[] arguments) =>
        ExternalProcess.Run(program, arguments, Path.GetTempPath(), TimeLimit).Expect(0).Output;

    /// <summary>Whether commands work here: null when they do, otherwise why not.</summary>
    public static string? ProblemWith(params string[][] commands)
    {
        foreach (string[] command in commands)
        {
            try
            {
                ProcessResult answer = ExternalProcess.Run(command[0], command[1..], Path.GetTempPath(), TimeLimit);
                if (answer.ExitCode != 0)
                {
                    return $"{string.Join(' ', command)} does not work here: {answer.Error.Trim()}";
                }
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                return $"{command[0]} is not there: {error.Message}";
            }
        }

        return null;
    }
}
