using System.Text.RegularExpressions;

namespace Habla.Tests.Documents;

/// <summary>Pages that back what they say with tests and files name such as there are.</summary>
public partial class EvidenceTests
{
    [Theory]
    [InlineData("docs/training-loop.md", 10)]
    [InlineData("experiments/PHASE_18_REPORT.md", 5)]
    public void Every_test_that_a_page_names_is_there(string page, int atLeast)
    {
        MatchCollection named = TestName().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)));
        Assert.True(named.Count >= atLeast, $"{page} names {named.Count} tests");
        Assert.All(named, name =>
        {
            string file = Assert.Single(Directory.GetFiles(
                Path.Combine(Repository.Root, "tests"), name.Groups[1].Value + ".cs", SearchOption.AllDirectories));
            Assert.Contains($" {name.Groups[2].Value}", File.ReadAllText(file), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("docs/training-loop.md")]
    [InlineData("docs/experiments.md")]
    [InlineData("experiments/README.md")]
    [InlineData("experiments/PHASE_18_REPORT.md")]
    [InlineData("experiments/18-sonnets-grid/README.md")]
    [InlineData("experiments/18-training-loop/README.md")]
    [InlineData("experiments/18-mp-drift/README.md")]
    public void Every_file_that_a_page_links_to_is_there(string page)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        MatchCollection links = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)));
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(folder, link.Groups[1].Value)), link.Value));
    }

    /// <summary>A class of tests, and the beginning of a test's name when there is one.</summary>
    [GeneratedRegex(@"\b([A-Z]\w*Tests)(?:\.(\w+))?")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
