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
}
