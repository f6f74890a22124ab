using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string ErrorOf(string path, ExistingRun existing = ExistingRun.Refuse) =>
        Assert.Throws<InvalidInputException>(() => RunFolder.Plan(path, existing)).Message;

    private static Dictionary<string, string> ContentsOf(string path) =>
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);

    private string MakeRun()
    {
        string path = _folder.In("run");
        RunFolder folder = RunFolder.Plan(path);
        folder.Create();
        ManifestTests.Example.Write(folder.ManifestFile);
        File.WriteAllText(folder.LogFile, "{}\n");
        Directory.CreateDirectory(Path.Combine(folder.CheckpointsFolder, "last"));
        File.WriteAllText(Path.Combine(folder.CheckpointsFolder, "last", "weights.safetensors"), "w");
        File.WriteAllText(Path.Combine(path, "notes.txt"), "mine");
        return path;
    }

    [Fact]
    public void Planning_a_new_folder_makes_nothing_and_creating_it_does()
    {
        RunFolder folder = RunFolder.Plan(_folder.In("a/b"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        folder.Create();
        Assert.True(Directory.Exists(_folder.In("a/b")));
        Assert.Equal(Path.Combine(_folder.In("a/b"), "train_log.jsonl"), folder.LogFile);
    }

    [Fact]
    public async Task Runs_side_by_side_may_be_planned_at_the_same_time()
    {
        // Each asks whether the folder above can be written to; the answers must not get in each other's way.
        using var together = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Task.Factory.StartNew(Plan, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

        void Plan()
        {
            together.SignalAndWait();
            for (int i = 0; i < 2000; i++)
            {
                RunFolder.Plan(_folder.In("runs/one"));
            }
        }
    }

    [Fact]
    public void An_existing_empty_folder_will_do()
    {
        RunFolder.Plan(_folder.Path).Create();
        RunFolder.Plan(_folder.Path, ExistingRun.Replace).Create();
    }

    [Fact]
    public void A_folder_with_something_in_it_is_refused_and_left_alone()
    {
        string path = MakeRun();
        Dictionary<string, string> before = ContentsOf(path);
        Assert.Equal(
            $"{path}: this folder is not empty; choose another, go on with its run with --resume, or replace its run with --force",
            ErrorOf(path));
        Assert.Equal(before, ContentsOf(path));
    }

    [Fact]
    public void A_folder_of_something_else_is_not_called_a_run_to_resume_or_replace()
    {
        File.WriteAllText(_folder.In("thesis.doc"), "years of work");
        Assert.Equal($"{_folder.Path}: this folder is not empty, and what it holds is no run; choose another", ErrorOf(_folder.Path));
    }

    [Theory]
    [InlineData(ExistingRun.Refuse)]
    [InlineData(ExistingRun.Replace)]
    [InlineData(ExistingRun.Resume)]
    public void A_run_with_a_cut_manifest_is_called_damaged_and_not_missing(ExistingRun existing)
    {
        string path = MakeRun(), manifest = Path.Combine(path, "manifest.json");
        Directory.CreateDirectory(Path.Combine(path, "checkpoints"));
        File.WriteAllText(manifest, File.ReadAllText(manifest)[..^5]);
        string expected = $"{manifest} is damaged: it is no whole JSON; put a copy of it back; "
            + $"the run's checkpoints in {Path.Combine(path, "checkpoints")} may be whole";

        Assert.Equal(expected, ErrorOf(path, existing));
        Assert.Equal(expected, Assert.Throws<InvalidInputException>(() => RunFolder.Open(path)).Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("""{"format": 3}""")]
    [InlineData("""{"name": "somebody else's manifest"}""")]
    public void A_folder_that_holds_no_run_of_ours_is_neither_replaced_nor_resumed(string? manifest)
    {
        File.WriteAllText(_folder.In("thesis.doc"), "years of work");
        if (manifest is not null)
        {
            File.WriteAllText(_folder.In("manifest.json"), manifest);
        }

        Dictionary<string, string> before = ContentsOf(_folder.Path);
        Assert.Equal(
            $"{_folder.Path}: this folder has no manifest.json of a Habla run, so nothing in it is deleted; choose another folder",
            ErrorOf(_folder.Path, ExistingRun.Replace));
        Assert.Equal(
            $"{_folder.Path}: this folder has no manifest.json of a Habla run, so there is nothing to resume; "
            + "leave out --resume and choose another folder",
            ErrorOf(_folder.Path, ExistingRun.Resume));
        Assert.Equal(before, ContentsOf(_folder.Path));
    }

    [Fact]
    public void Replacing_a_run_deletes_the_run_and_nobody_elses_file()
    {
        string path = MakeRun();
        RunFolder folder = RunFolder.Plan(path, ExistingRun.Replace);
        Assert.True(File.Exists(folder.ManifestFile));
        folder.Create();
        Assert.Equal([Path.Combine(path, "notes.txt")], Directory.EnumerateFileSystemEntries(path));
    }

    [Fact]
    public void Of_the_checkpoints_only_those_that_a_run_makes_are_deleted()
    {
        string checkpoints = Path.Combine(MakeRun(), "checkpoints");
        foreach (string name in (string[])["best", "step-7", "step-7.replaced", "last.partial", "diverged", "step-seven", "mine"])
        {
            Directory.CreateDirectory(Path.Combine(checkpoints, name));
        }

        File.WriteAllText(Path.Combine(checkpoints, "mine.txt"), "mine");

        RunFolder.Plan(Path.GetDirectoryName(checkpoints)!, ExistingRun.Replace).Create();

        Assert.Equal(
            ["mine", "mine.txt", "step-seven"], Directory.EnumerateFileSystemEntries(checkpoints).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Resuming_a_run_keeps_all_of_it()
    {
        string path = MakeRun();
        Dictionary<string, string> before = ContentsOf(path);
        RunFolder.Plan(path, ExistingRun.Resume).Create();
        Assert.Equal(before, ContentsOf(path));
    }

    [Fact]
    public void There_is_nothing_to_resume_in_an_empty_folder() =>
        Assert.Equal(
            $"{_folder.Path}: there is no run to resume here; leave out --resume to start one",
            ErrorOf(_folder.Path, ExistingRun.Resume));

    [Fact]
    public void A_file_in_the_way_is_named()
    {
        string file = _folder.In("file");
        File.WriteAllText(file, "x");
        Assert.Equal($"{file}: {file} is a file; choose a folder for the run", ErrorOf(file));
        Assert.Equal($"{file}/run: {file} is a file; choose a folder for the run", ErrorOf(file + "/run"));
    }

    [Fact]
    public void An_unwritable_place_is_told_before_anything_is_done()
    {
        if (!Directory.Exists("/proc/self"))
        {
            return; // Only Linux has a folder that even root cannot write to.
        }

        string error = ErrorOf("/proc/habla-run");
        Assert.StartsWith("/proc/habla-run: cannot write here: ", error, StringComparison.Ordinal);
        Assert.EndsWith("; choose a folder that you may write to", error, StringComparison.Ordinal);
    }
}
