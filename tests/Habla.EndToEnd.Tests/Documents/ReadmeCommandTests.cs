using Habla.Tests;

namespace Habla.EndToEnd.Tests.Documents;

/// <summary>The README's commands from a folder to a model are run as they stand there; training alone is cut short.</summary>
public sealed class ReadmeCommandTests : IDisposable
{
    private const string Title = "## From a folder to a model in three commands";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Three_commands_lead_from_this_project_s_source_to_a_model_that_writes()
    {
        foreach (string name in (string[])["src", "tests", "docs", "configs"])
        {
            Directory.CreateSymbolicLink(_folder.In(name), Path.Combine(Repository.Root, name));
        }

        string[] commands = Commands();
        Assert.Equal(["ingest", "tokenizer", "train", "generate"], commands.Select(command => command.Split(' ')[1]));
        Assert.Contains("every file", Section(), StringComparison.Ordinal);
        foreach (string command in commands)
        {
            string inFull = command.Replace("./habla", "habla", StringComparison.Ordinal);
            string cut = inFull.StartsWith("habla train", StringComparison.Ordinal)
                ? " --no-baseline --no-preflight --set scheduler.total_steps=6 --set scheduler.warmup_steps=2 --set training.val_every=6"
                : "";
            ProcessResult said = HablaProcess.Pasted(_folder.Path, inFull + cut).Expect(0);
            Assert.True(cut.Length == 0 || File.Exists(_folder.In("runs/code/model/results.json")), said.Error);
            Assert.True(!inFull.StartsWith("habla generate", StringComparison.Ordinal) || said.Output.Trim().Length > 0, said.Error);
        }
    }

    private static string Section()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        return Assert.Single(readme.Split(Title).Skip(1)).Split("\n## ")[0];
    }

    /// <summary>Indented lines, those that end with a backslash joined to the next.</summary>
    private static string[] Commands() =>
    [
        .. Section().Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Where(line => line.StartsWith("    ./habla ", StringComparison.Ordinal)).Select(line => line.Trim()),
    ];
}
