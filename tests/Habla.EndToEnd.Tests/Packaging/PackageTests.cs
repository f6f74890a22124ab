using System.IO.Compression;
using System.Xml.Linq;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Packaging;

public sealed class PackageTests(PackedProjects packed) : IClassFixture<PackedProjects>
{
    [Theory]
    [InlineData("Habla.Tensors", "lib/net10.0/", "")]
    [InlineData("Habla", "lib/net10.0/", "AngleSharp,CsvHelper,DocumentFormat.OpenXml,Google.Protobuf,Habla.Tensors,Markdig,System.IO.Packaging,YamlDotNet")]
    [InlineData("Habla.Cli", "tools/net10.0/any/", "")]
    public void A_package_has_what_its_user_needs(string id, string place, string dependencies)
    {
        using ZipArchive package = packed.Open(id);
        XElement metadata = Metadata(package, id);
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];

        Assert.Contains("README.md", files);
        Assert.Contains("LICENSE", files);
        Assert.Contains($"{place}{id}.dll", files);
        Assert.Equal("Apache-2.0", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.True(Value(metadata, "description").Length > 20);
        Assert.Equal(
            dependencies,
            string.Join(',', metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value)
                .Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("Habla.Tensors")]
    [InlineData("Habla")]
    public void A_library_comes_with_its_documentation(string id)
    {
        using ZipArchive package = packed.Open(id);

        ZipArchiveEntry? documentation = package.GetEntry($"lib/net10.0/{id}.xml");

        Assert.NotNull(documentation);
        Assert.True(documentation.Length > 10_000, $"only {documentation.Length} bytes");
    }

    [Theory]
    [InlineData("Habla.Tensors")]
    [InlineData("Habla.Cli")]
    public void Packing_the_same_files_again_gives_the_same_bytes(string id)
    {
        using var folder = new TemporaryFolder();
        PackedProjects.Pack(id, folder.Path); // seconds after the first, which a time in the archive would tell

        string again = Directory.GetFiles(folder.Path).Single();
        Assert.Equal(Sha256.OfFile(packed.PathOf(id)), Sha256.OfFile(again));
        using ZipArchive package = packed.Open(id);
        Assert.All(package.Entries, entry => Assert.Equal(new DateTime(2000, 1, 1), entry.LastWriteTime.DateTime));
        Assert.Equal(package.Entries.Count, package.Entries.Select(entry => entry.FullName).Distinct().Count());
    }

    [Fact]
    public void The_tool_installs_from_its_package_alone_and_runs()
    {
        using var folder = new TemporaryFolder();
        var nuget = new EmptyNuget(folder);
        File.Copy(packed.PathOf("Habla.Cli"), Path.Combine(nuget.Packages, Path.GetFileName(packed.PathOf("Habla.Cli"))));
        Dotnet.Run(
            folder.Path,
            ["tool", "install", "Habla.Cli", "--tool-path", "tools", "--version", packed.Version, "--configfile", nuget.ConfigFile],
            nuget.Environment);
        string habla = folder.In(OperatingSystem.IsWindows() ? "tools/habla.exe" : "tools/habla");
        ProcessResult Habla(params string[] arguments) =>
            ExternalProcess.Run(habla, arguments, folder.Path, TimeSpan.FromMinutes(1), nuget.Environment).Expect(0);

        Assert.Contains("corpus build|validate|split", Habla("--help").Output, StringComparison.Ordinal);
        Assert.Equal(packed.Version, Habla("--version").Output.Trim());
        Habla("corpus", "build", "--out", "corpus");
        Assert.True(File.Exists(folder.In("corpus/corpus.jsonl")));
    }

    private static XElement Metadata(ZipArchive package, string id)
    {
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    private static string Value(XElement metadata, string name) =>
        metadata.Elements().Single(element => element.Name.LocalName == name).Value;
}
