using Habla.Checkpoints;
using Habla.Storage;

namespace Habla.Tests.Checkpoints;

public sealed class SavedCheckpointTests : IDisposable
{
    private readonly CheckpointFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Checkpoints_come_by_step_and_then_by_name_and_other_folders_do_not_count()
    {
        _folder.Save("step-10", 10);
        _folder.Save("last", 10);
        _folder.Save("best", 3);
        _folder.Save("diverged", 12);
        foreach (string other in (string[])["last.partial", "notes", "step-x", "step-"])
        {
            Directory.CreateDirectory(_folder.In(other));
        }

        Assert.Equal(
            [("best", 3), ("last", 10), ("step-10", 10), ("diverged", 12)],
            SavedCheckpoint.In(_folder.Path).Select(checkpoint => (checkpoint.Name, checkpoint.Step)));
        Assert.Empty(SavedCheckpoint.In(_folder.In("nowhere")));
    }

    [Fact]
    public void Hashes_are_those_of_the_files_and_a_later_change_is_seen()
    {
        string weights = Path.Combine(_folder.Save("last", 1), Checkpoint.WeightsFile);
        SavedCheckpoint before = Assert.Single(SavedCheckpoint.In(_folder.Path));
        Assert.Equal(ContentHash.OfFile(weights), before.Hashes[Checkpoint.WeightsFile]);
        Assert.Equal(ModelFile.HashOf(_folder.Model), before.Hashes[Checkpoint.WeightsFile]);
        Assert.False(before.IsChanged);

        File.AppendAllText(weights, " ");

        SavedCheckpoint after = Assert.Single(SavedCheckpoint.In(_folder.Path));
        Assert.True(after.IsChanged);
        Assert.Equal(before.Hashes[Checkpoint.WeightsFile], after.SavedHashes[Checkpoint.WeightsFile]);
    }

    [Fact]
    public void A_checkpoint_that_was_about_to_be_replaced_counts_and_stays_where_it_is()
    {
        string replaced = _folder.In("last.replaced");
        Directory.Move(_folder.Save("last", 4), replaced);

        SavedCheckpoint found = Assert.Single(SavedCheckpoint.In(_folder.Path));

        Assert.Equal(("last", replaced), (found.Name, found.Folder));
        Assert.True(Directory.Exists(replaced));
        _folder.Save("last", 5);
        Directory.CreateDirectory(replaced); // saving has tidied it away
        Assert.Equal(5, Assert.Single(SavedCheckpoint.In(_folder.Path)).Step);
    }

    [Fact]
    public void Without_a_sound_marker_nothing_is_known_of_a_change()
    {
        File.WriteAllText(Path.Combine(_folder.Save("last", 1), Checkpoint.CompleteFile), "{");

        Assert.False(Assert.Single(SavedCheckpoint.In(_folder.Path)).IsChanged);
    }

    [Theory]
    [InlineData(Checkpoint.WeightsFile)]
    [InlineData(Checkpoint.OptimizerFile)]
    [InlineData(Checkpoint.StateFile)]
    public void A_missing_file_is_named(string name)
    {
        string folder = _folder.Save("last", 1);
        File.Delete(Path.Combine(folder, name));

        var error = Assert.Throws<InvalidInputException>(() => SavedCheckpoint.In(_folder.Path));

        Assert.StartsWith(folder, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }
}
