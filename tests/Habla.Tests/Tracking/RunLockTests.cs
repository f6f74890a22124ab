using System.Globalization;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LockPath => _folder.In(RunLock.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_locked_folder_is_refused_and_its_owner_named_until_the_lock_is_given_back()
    {
        using (RunLock.Take(_folder.Path))
        {
            string message = Assert.Throws<InvalidInputException>(() => RunLock.Take(_folder.Path)).Message;
            Assert.StartsWith($"{_folder.Path}: another habla is at work on this run (", message, StringComparison.Ordinal);
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"(process {Environment.ProcessId} on "), message, StringComparison.Ordinal);

            Assert.Throws<InvalidInputException>(() => RunLock.RefuseTaken(_folder.Path));
            Assert.True(File.Exists(LockPath));
        }

        Assert.False(File.Exists(LockPath));
        RunLock.RefuseTaken(_folder.Path);
        RunLock.Take(_folder.Path).Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_a_killed_process_left_locks_nothing()
    {
        File.WriteAllText(LockPath, "process 4194304 on elsewhere, with more in it than the next one writes over\n");
        RunLock.RefuseTaken(_folder.Path);
        using (RunLock.Take(_folder.Path))
        {
            Assert.Throws<InvalidInputException>(() => RunLock.Take(_folder.Path));
        }
    }

    [Fact]
    public void A_folder_where_no_lock_can_be_made_is_told()
    {
        Directory.CreateDirectory(LockPath);
        string message = Assert.Throws<InvalidInputException>(() => RunLock.Take(_folder.Path)).Message;
        Assert.StartsWith($"{LockPath}: cannot lock the run folder: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_for_a_locked_folder_is_refused_whatever_is_asked_for()
    {
        using RunLock taken = RunLock.Take(_folder.Path);
        Assert.All(Enum.GetValues<ExistingRun>(), existing => Assert.Contains(
            "another habla is at work", Assert.Throws<InvalidInputException>(() => RunFolder.Plan(_folder.Path, existing)).Message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Two_plans_for_one_new_folder_end_with_one_run()
    {
        RunFolder first = RunFolder.Plan(_folder.In("run")), second = RunFolder.Plan(_folder.In("run"));
        using (first.Lock())
        {
            Assert.Contains(
                "another habla is at work", Assert.Throws<InvalidInputException>(second.Lock).Message, StringComparison.Ordinal);
            ManifestTests.Example.Write(first.ManifestFile);
        }

        // The first is done by now: what it left is not overwritten either.
        Assert.Contains("this folder is not empty", Assert.Throws<InvalidInputException>(second.Lock).Message, StringComparison.Ordinal);
        Assert.Equal([first.ManifestFile], Directory.EnumerateFileSystemEntries(first.Path));
    }

    [Fact]
    public void What_a_run_left_that_was_killed_at_once_is_no_run()
    {
        File.WriteAllText(LockPath, "");
        File.WriteAllText(_folder.In("manifest.json.partial"), "{");
        using RunLock taken = RunFolder.Plan(_folder.Path).Lock();
    }
}
