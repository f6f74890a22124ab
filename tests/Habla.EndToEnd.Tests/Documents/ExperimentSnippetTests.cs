using Habla.Tests;

namespace Habla.EndToEnd.Tests.Documents;

/// <summary>The examples of docs/experiments.md are planned by the real program, word for word.</summary>
public sealed class ExperimentSnippetTests
{
    private const string Fence = "```";

    [Fact]
    public void The_page_s_grid_and_its_list_can_be_planned()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "experiments.md"));
        string[] snippets = [.. page.Split(Fence + "yaml\n").Skip(1).Select(rest => rest.Split("\n" + Fence)[0] + "\n")];
        Assert.Equal(2, snippets.Length);
        string[] lines = snippets[0].Split('\n');
        string[] withoutGrid = [.. lines.Where((line, index) => !line.StartsWith("grid:", StringComparison.Ordinal)
            && (index == 0 || !lines[index - 1].StartsWith("grid:", StringComparison.Ordinal)))];

        Assert.Equal(
            ["lr_max-0.01_seed-42", "lr_max-0.01_seed-43", "lr_max-0.0003_seed-42", "lr_max-0.0003_seed-43", "lr_max-1e-6_seed-42",
                "lr_max-1e-6_seed-43"],
            Planned(snippets[0]));
        Assert.Equal(
            ["as-it-is_seed-42", "as-it-is_seed-43", "no-clip_seed-42", "no-clip_seed-43"],
            Planned(string.Join('\n', withoutGrid) + snippets[1]));
    }

    private static string[] Planned(string experiment)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("experiment.yaml"), experiment);
        ProcessResult answer = HablaProcess.RunIn(
            Repository.Root, ["experiment", folder.In("experiment.yaml"), "--dry-run", "--out", folder.In("out")]).Expect(0);
        return [.. answer.Error.Split('\n').Where(line => line.Contains("steps", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[0])];
    }
}
