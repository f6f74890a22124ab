using Habla.Ingestion;

namespace Habla.Tests.Ingestion;

/// <summary>What a .gitignore means is what git says it means.</summary>
public sealed class GitIgnoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [GitFact]
    public void Known_cases_agree_with_git()
    {
        string[] files =
        [
            "a.log", "keep.log", "sub/a.log", "sub/keep.log", "sub/deep/er/a.log", "out/x.txt", "out/keep.txt", "sub/out", "only/top.txt",
            "sub/only/top.txt", "a b.txt", "trailing ", "#hash", "!bang", "star*", "star1", "q?", "qx", "é.txt", "éé.txt", "[x]", "x", "docs/a/b/c.md",
            "docs/c.md", "docs/x.txt", "abc/def/ghi", "abc/x/y/ghi", "foobar/q/bar", "foo/bar", "foo/barbaz/x", "back\\slash", "UPPER.TXT",
            "sub/nested/n1", "sub/nested/n2", "sub/nested/n3/n1", "tab\tname", "a1", "a]", "a-", "a^",
        ];
        string[] patterns =
        [
            "# a comment", "", "*.log", "!keep.log", "out/", "!out/keep.txt", "/only", "a\\ b.txt", "trailing\\ ", "spaces   ", "\\#hash", "\\!bang",
            "star\\*", "q\\?", "?.txt", "??.txt", "\\[x\\]", "docs/**/c.md", "!docs/c.md", "abc/**/ghi", "foo**/bar", "foo/bar/", "back\\\\slash",
            "upper.txt", "a[]-]", "a[!0-9a-z^]", "a[[:digit:]]", "/", "//", "!", "\\", "x\\", "a[", "a[[:no:]]", "**/nothing", "sub/**/zzz/",
        ];
        Write(files);
        File.WriteAllText(_folder.In(".gitignore"), string.Join("\r\n", patterns) + "\n");
        File.WriteAllText(_folder.In("sub/.gitignore"), "\uFEFFnested/*\n!nested/n2\n!/keep.log\ndeep/**\n");

        AssertAgree(files);
    }

    [GitFact]
    public void Random_patterns_on_a_tree_agree_with_git()
    {
        string[] names = ["a", "b", "ab", "ba", "aab", "a.b", ".a"];
        string[] files =
        [
            .. from one in names from two in names select $"{one}_/{two}",
            .. from one in names from two in names select $"{one}_/{two}_/{one}",
            .. names.Select(name => $"deep/a/b/ab/{name}"), .. names,
        ];
        Write(files);
        string[] parts = ["a", "b", "_", "*", "**", "?", "/", "/**/", "**/", "[ab]", "[!a]", "[a-b]*", ".", "\\a", "ab", "*a*b*", "deep"];
        uint state = 12345;
        int Next(int below)
        {
            state = (state * 1664525) + 1013904223;
            return (int)((state >> 8) % (uint)below);
        }

        string Pattern() => (Next(4) == 0 ? "!" : "") + string.Concat(Enumerable.Range(0, 1 + Next(4)).Select(_ => parts[Next(parts.Length)]));
        for (int round = 0; round < 150; round++)
        {
            foreach (string folder in (string[])["", "a_/", "deep/a/"])
            {
                string[] patterns = [.. Enumerable.Range(0, Next(4)).Select(_ => Pattern())];
                File.WriteAllText(_folder.In(folder + ".gitignore"), string.Join('\n', patterns));
            }

            AssertAgree(files);
        }
    }

    [GitFact]
    public void The_gitignore_files_above_count_up_to_the_top_of_the_repository()
    {
        string[] files = ["sub/a.log", "sub/a.txt", "sub/x/a.tmp", "sub/x/b.txt", "ignored/a.txt", "ignored/a.log"];
        Write(files);
        File.WriteAllText(_folder.In(".gitignore"), "*.log\n/sub/x/*.tmp\nignored/\n");
        Git.Run(_folder.Path, "", "init", "-q");

        Assert.Equal(["a.txt", "x/b.txt"], Sources("sub"));
        Assert.Equal(["b.txt"], Sources("sub/x"));
        Assert.Equal(["a.log", "a.txt"], Sources("ignored")); // it was asked for by name
    }

    [Fact]
    public void A_pattern_of_many_stars_takes_no_time()
    {
        string name = new('a', 200);
        Write([name]);
        string[] patterns = [string.Concat(Enumerable.Repeat("*a", 60)) + "b", string.Concat(Enumerable.Repeat("**/*a", 30)) + "b"];
        File.WriteAllLines(_folder.In(".gitignore"), patterns);

        Assert.Equal([".gitignore", name], Sources("."));
    }

    private string[] Sources(string folder) =>
        [.. FileTree.Walk([_folder.In(folder)], new FileTreeOptions()).Files.Select(file => file.Source)];

    private void Write(string[] files)
    {
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(file))!);
            File.WriteAllText(_folder.In(file), "text");
        }
    }

    private void AssertAgree(string[] files)
    {
        if (!Directory.Exists(_folder.In(".git")))
        {
            Git.Run(_folder.Path, "", "init", "-q");
        }

        string[] ignored = Git.Run(_folder.Path, string.Concat(files.Select(file => file + "\0")), "check-ignore", "-z", "--stdin")
            .Split('\0', StringSplitOptions.RemoveEmptyEntries);
        string[] taken = [.. Sources(".").Where(file => !file.EndsWith(".gitignore", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string rules = string.Join("; ", Directory.GetFiles(_folder.Path, ".gitignore", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(_folder.Path, file)}: {File.ReadAllText(file).ReplaceLineEndings(" | ")}"));

        string[] expected = [.. files.Except(ignored).Order(StringComparer.Ordinal)];
        Assert.True(
            expected.SequenceEqual(taken),
            $"{rules}\nonly git takes: {string.Join(", ", expected.Except(taken))}\nonly Habla takes: {string.Join(", ", taken.Except(expected))}");
    }
}
