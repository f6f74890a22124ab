using System.Diagnostics;
using Habla.Extraction;
using Habla.Ingestion;

namespace Habla.Tests.Ingestion;

public sealed class FileTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_come_in_ordinal_order_whatever_order_they_were_made_in()
    {
        Write("b/2", "b/10", "a.txt", "Z", "b.txt", "a/x", "é", ".hidden/x");

        Assert.Equal([".hidden/x", "Z", "a/x", "a.txt", "b/10", "b/2", "b.txt", "é"], Sources(_folder.Path));
    }

    [Fact]
    public void Folders_without_texts_of_the_users_own_are_left_out_and_counted()
    {
        Write("a/keep", ".git/x", "node_modules/x/y", "a/bin/x", "a/obj/x", "a/build/x", "venv/x", ".venv/x", "__pycache__/x", "b/bin");

        FileTree tree = Walk(_folder.Path);

        Assert.Equal(["a/keep", "b/bin"], tree.Files.Select(file => file.Source));
        Assert.Equal(8, tree.LeftOut.StandardFolders);
        Assert.Equal(["x"], Sources(_folder.In("a/build"))); // asked for by name
    }

    [Fact]
    public void Globs_take_and_leave_out_files_and_folders()
    {
        Write("a.md", "b.txt", "docs/c.md", "docs/d.txt", "docs/old/e.md", "src/docs/f.txt");
        var options = new FileTreeOptions { Include = ["*.md", "docs/d*"], Exclude = ["old/"] };

        FileTree tree = FileTree.Walk([_folder.Path], options);

        Assert.Equal(["a.md", "docs/c.md", "docs/d.txt"], tree.Files.Select(file => file.Source));
        Assert.Equal(3, tree.LeftOut.Globs);
        Assert.Equal(
            ["docs/c.md", "docs/d.txt", "docs/old/e.md", "src/docs/f.txt"],
            FileTree.Walk([_folder.Path], new FileTreeOptions { Include = ["docs"] }).Files.Select(file => file.Source));
    }

    [Fact]
    public void The_first_files_are_taken_and_the_others_counted()
    {
        Write("a", "b", "c/d", "e");

        FileTree tree = FileTree.Walk([_folder.Path], new FileTreeOptions { MaxFiles = 2 });

        Assert.Equal(["a", "b"], tree.Files.Select(file => file.Source));
        Assert.Equal(2, tree.LeftOut.BeyondMaxFiles);
    }

    [Fact]
    public void A_path_longer_than_the_system_takes_is_named_and_the_rest_is_read()
    {
        File.WriteAllText(_folder.In("a.txt"), "a");
        string half = string.Join('/', Enumerable.Repeat("aaaaaaaaaaaaaaaaaaaa", 150));
        Directory.CreateDirectory(_folder.In(half));
        Directory.CreateDirectory(_folder.In("b/" + half));
        Directory.Move(_folder.In("b"), _folder.In(half + "/b")); // nobody can name what lies in there now
        try
        {
            FileTree tree = FileTree.Walk([_folder.Path], new FileTreeOptions(), CancellationToken.None);

            Assert.Equal("a.txt", Assert.Single(tree.Files).Source);
            Assert.Contains("longer than the system takes", Assert.Single(tree.Skipped).Detail, StringComparison.Ordinal);
        }
        finally
        {
            Extraction.Tool.Run("rm", ["-rf", _folder.In("aaaaaaaaaaaaaaaaaaaa")]);
        }
    }

    [Fact]
    public void Links_are_named_and_not_followed_and_circles_end()
    {
        Write("tree/a.txt", "outside/secret.txt");
        File.CreateSymbolicLink(_folder.In("tree/inside"), "a.txt");
        File.CreateSymbolicLink(_folder.In("tree/out.txt"), "../outside/secret.txt");
        Directory.CreateSymbolicLink(_folder.In("tree/folder"), "../outside");
        Directory.CreateSymbolicLink(_folder.In("tree/self"), ".");
        File.CreateSymbolicLink(_folder.In("tree/round"), "round");
        File.CreateSymbolicLink(_folder.In("tree/gone"), "nowhere");

        FileTree tree = Walk(_folder.In("tree"));

        Assert.Equal(["a.txt"], tree.Files.Select(file => file.Source));
        Assert.Equal(
            ["folder SymbolicLink", "gone Unreadable", "inside SymbolicLink", "out.txt SymbolicLink", "round Unreadable", "self SymbolicLink"],
            tree.Skipped.Select(skipped => $"{skipped.Source} {skipped.Reason}"));
        Assert.Contains("nowhere", tree.Skipped[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_is_a_link_is_followed()
    {
        Write("tree/a.txt");
        Directory.CreateSymbolicLink(_folder.In("link"), "tree");
        File.CreateSymbolicLink(_folder.In("file"), "tree/a.txt");

        Assert.Equal(["a.txt"], Sources(_folder.In("link")));
        Assert.Equal(["a.txt"], Sources(_folder.In("file")));
    }

    [Fact]
    public void A_pipe_is_no_file_and_nobody_waits_for_it()
    {
        Write("a.txt", "empty");
        File.WriteAllText(_folder.In("empty"), "");
        Process.Start("mkfifo", [_folder.In("pipe")]).WaitForExit();

        FileTree tree = Walk(_folder.Path);

        Assert.Equal(["a.txt", "empty"], tree.Files.Select(file => file.Source));
        Assert.Equal(("pipe", SkipReason.Unreadable), (Assert.Single(tree.Skipped).Source, tree.Skipped[0].Reason));
    }

    [Fact]
    public void A_name_that_is_not_Utf8_is_a_line_that_says_so()
    {
        Write("a.txt");
        Process.Start("sh", ["-c", "printf x > \"$0/$(printf 'bad\\377')\"", _folder.Path]).WaitForExit();

        FileTree tree = Walk(_folder.Path);

        Assert.Equal(["a.txt"], tree.Files.Select(file => file.Source));
        Assert.Equal(SkipReason.Unreadable, Assert.Single(tree.Skipped).Reason);
        Assert.Contains("not UTF-8", tree.Skipped[0].Detail, StringComparison.Ordinal);
        Process.Start("sh", ["-c", "rm \"$0\"/bad*", _folder.Path]).WaitForExit(); // .NET cannot name it
    }

    [Fact]
    public void Several_starts_are_told_apart_and_a_file_in_two_of_them_is_taken_once()
    {
        Write("one/docs/a", "two/docs/a", "two/docs/sub/b", "c");

        Assert.Equal(["docs/a", "c"], Sources(_folder.In("one/docs"), _folder.In("c")));
        Assert.Equal(
            ["one/docs/a", "two/docs/a", "two/docs/sub/b"], Sources(_folder.In("one/docs"), _folder.In("two/docs"), _folder.In("one/docs/")));
        Assert.Equal(["sub/b", "docs/a"], Sources(_folder.In("two/docs/sub"), _folder.In("two/docs")));
    }

    [Fact]
    public void What_an_earlier_ingestion_wrote_is_not_read_unless_it_is_named()
    {
        Write("in/a", "in/done/documents.jsonl.gz", "in/done/ingest_report.json", "in/broken_off/ingest_cache.jsonl", "in/other/x.txt");
        Write("in/other/ingest_report.json"); // of another program
        File.WriteAllText(_folder.In("in/src.txt"), "a text that is long enough");
        Ingest.Run(new IngestOptions { Paths = [_folder.In("in/src.txt")], Output = _folder.In("in/done") }, new TextExtractor());
        File.Delete(_folder.In("in/done/ingest_cache.jsonl"));

        FileTree tree = Walk(_folder.In("in"));

        Assert.Equal(["a", "other/ingest_report.json", "other/x.txt", "src.txt"], tree.Files.Select(file => file.Source));
        Assert.Equal(2, tree.LeftOut.OutputFolder);
        Assert.Equal(["documents.jsonl.gz", "ingest_report.json"], Sources(_folder.In("in/done")));
    }

    [Fact]
    public void The_folder_that_is_written_to_is_not_read()
    {
        Write("a", "out/documents", "sub/out/b");

        FileTree tree = FileTree.Walk([_folder.Path], new FileTreeOptions { Without = _folder.In("out") });

        Assert.Equal(["a", "sub/out/b"], tree.Files.Select(file => file.Source));
        Assert.Equal(1, tree.LeftOut.OutputFolder);
        Assert.Throws<InvalidInputException>(() => FileTree.Walk([_folder.In("out")], new FileTreeOptions { Without = _folder.In("out") }));
    }

    [Fact]
    public void One_path_that_is_missing_is_a_line_and_none_that_exists_an_error()
    {
        Write("a");

        FileTree tree = Walk(_folder.Path, _folder.In("missing"));
        var error = Assert.Throws<InvalidInputException>(() => Walk(_folder.In("missing")));

        Assert.Single(tree.Files);
        Assert.Equal(SkipReason.Unreadable, Assert.Single(tree.Skipped).Reason);
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_deeper_than_a_stack_is_walked_through()
    {
        string path = _folder.Path;
        for (int i = 0; i < 1500; i++)
        {
            path += "/d";
        }

        Directory.CreateDirectory(path);
        File.WriteAllText(path + "/a", "x");

        Assert.Single(Walk(_folder.Path).Files);
    }

    private static FileTree Walk(params string[] paths) => FileTree.Walk(paths, new FileTreeOptions());

    private static string[] Sources(params string[] paths) => [.. Walk(paths).Files.Select(file => file.Source)];

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(file))!);
            File.WriteAllText(_folder.In(file), "text");
        }
    }
}
