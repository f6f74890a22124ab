using Habla.Tests;

namespace Habla.EndToEnd.Tests.Documents;

/// <summary>The README's program is compiled against the built library and run, word for word.</summary>
public sealed class ReadmeSnippetTests
{
    private const string Fence = "```";

    [Fact]
    public void The_readme_s_program_compiles_trains_and_speaks()
    {
        string program = Snippet();
        Assert.InRange(
            program.Split('\n').Count(line => line.Length > 0 && !line.StartsWith("using Habla", StringComparison.Ordinal)), 8, 20);
        using var folder = new TemporaryFolder();
        var nuget = new EmptyNuget(folder);
        File.WriteAllText(folder.In("Program.cs"), program);
        File.WriteAllText(folder.In("Snippet.csproj"), Project());
        Dotnet.Run(folder.Path, ["build", "--configuration", "Release", "--output", "out", "--nologo"], nuget.Environment);

        ProcessResult said = ExternalProcess.Run(
            Dotnet.Path, [folder.In("out/Snippet.dll")], Repository.Root, TimeSpan.FromMinutes(1)).Expect(0);

        Assert.StartsWith("Shall I compare", said.Output, StringComparison.Ordinal);
        Assert.True(said.Output.Length > 60, said.Output);
        Assert.Empty(said.Error);
    }

    private static string Snippet()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string[] programs = [.. readme.Split(Fence + "csharp\n").Skip(1)];
        return Assert.Single(programs).Split("\n" + Fence)[0];
    }

    private static string Project() =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="{Path.Combine(AppContext.BaseDirectory, "Habla.dll")}" />
            <Reference Include="{Path.Combine(AppContext.BaseDirectory, "Habla.Tensors.dll")}" />
          </ItemGroup>
        </Project>
        """;
}
