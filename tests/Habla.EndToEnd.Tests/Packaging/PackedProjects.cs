using System.IO.Compression;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Packaging;

/// <summary>The three packages, made once from what is already built.</summary>
public sealed class PackedProjects : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackedProjects()
    {
        foreach (string project in (string[])["Habla.Tensors", "Habla", "Habla.Cli"])
        {
            Pack(project, _folder.Path);
        }

        string tensors = Directory.GetFiles(_folder.Path, "Habla.Tensors.*.nupkg").Single();
        Version = Path.GetFileNameWithoutExtension(tensors)["Habla.Tensors.".Length..];
    }

    /// <summary>The version that all three share.</summary>
    public string Version { get; }

    public string PathOf(string id) => _folder.In($"{id}.{Version}.nupkg");

    /// <summary>Packs a project, which is built, into a folder.</summary>
    public static void Pack(string project, string output) => Dotnet.Run(
        Repository.Root, ["pack", $"src/{project}", "--configuration", Dotnet.Configuration, "--no-build", "--output", output]);

    public ZipArchive Open(string id) => ZipFile.OpenRead(PathOf(id));

    public void Dispose() => _folder.Dispose();
}
