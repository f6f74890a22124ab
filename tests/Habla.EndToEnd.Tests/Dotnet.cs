namespace Habla.EndToEnd.Tests;

/// <summary>The dotnet command that runs these tests, and the configuration they were built in.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    public static string Path { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Release or Debug, from .../bin/Release/net10.0/.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar)).Parent!.Name;

    /// <summary>Runs a dotnet command that has to succeed.</summary>
    public static ProcessResult Run(string workingFolder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ExternalProcess.Run(Path, arguments, workingFolder, TimeLimit, environment).Expect(0);
}
