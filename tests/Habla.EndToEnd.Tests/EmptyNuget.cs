using Habla.Tests;

namespace Habla.EndToEnd.Tests;

/// <summary>
/// NuGet as on a machine that has never restored anything: a folder with its own configuration, whose only package source is the
/// folder <see cref="Packages"/>, and its own cache. What works here needs nothing from anywhere else.
/// </summary>
internal sealed class EmptyNuget
{
    public EmptyNuget(TemporaryFolder folder)
    {
        Packages = folder.In("packages");
        ConfigFile = folder.In("nuget.config");
        Environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = folder.In("cache"),
            ["NUGET_HTTP_CACHE_PATH"] = folder.In("http-cache"),
            ["DOTNET_CLI_HOME"] = folder.In("home"),
            ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
            ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
        };
        Directory.CreateDirectory(Packages);
        File.WriteAllText(
            ConfigFile,
            """
            <configuration>
              <packageSources>
                <clear />
                <add key="local" value="packages" />
              </packageSources>
              <fallbackPackageFolders>
                <clear />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>The one package source.</summary>
    public string Packages { get; }

    /// <summary>In the root of the folder, so that builds below it find it by themselves.</summary>
    public string ConfigFile { get; }

    /// <summary>Variables for dotnet commands.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }
}
