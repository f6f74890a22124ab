using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>Which checkpoint a run goes on from, whatever a crash or a bad disk has left.</summary>
public sealed class ResumePointTests : IDisposable
{
    private readonly CheckpointFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_any_checkpoint_the_run_begins_again()
    {
        Assert.Equal((null, null), Found());
        Assert.Null(ResumePoint.Find(_folder.In("nowhere")).Folder);

        Directory.CreateDirectory(_folder.In("last.partial"));
        File.WriteAllText(_folder.In("last.partial/weights.safetensors"), "half of it");
        ResumePoint point = ResumePoint.Find(_folder.Path);
        Assert.Null(point.Folder);
        Assert.Equal([$"{_folder.In("last.partial")} was still being written when the run ended"], point.Skipped);
    }

    [Fact]
    public void The_newest_is_taken_whatever_its_name()
    {
        _folder.Save("step-2", 2);
        _folder.Save("last", 4);
        _folder.Save("step-4", 4);
        Assert.Equal(("last", "last"), Found());

        _folder.Save("best", 5);
        Assert.Equal(("best", "best"), Found());

        // Only this one is a checkpoint to go on from: the names of the others are not a run's.
        _folder.Save("step-6", 6);
        _folder.Save("diverged", 7);
        _folder.Save("mine", 8);
        ResumePoint point = ResumePoint.Find(_folder.Path);
        Assert.Equal((_folder.In("step-6"), "step-6"), (point.Folder, point.Name));
        Assert.Equal(ModelFile.HashOf(_folder.Model), point.WeightsSha256);
        Assert.Empty(point.Skipped);
    }

    [Theory]
    [InlineData(Checkpoint.WeightsFile)]
    [InlineData(Checkpoint.OptimizerFile)]
    [InlineData(Checkpoint.StateFile)]
    public void Flipped_bytes_are_told_and_the_one_before_is_used(string file)
    {
        _folder.Save("step-2", 2);
        _folder.Save("step-3", 3);
        _folder.Save("last", 3);
        Flip($"last/{file}");
        Flip($"step-3/{file}");

        ResumePoint point = ResumePoint.Find(_folder.Path);

        Assert.Equal(_folder.In("step-2"), point.Folder);
        Assert.Equal(
            [
                $"{_folder.In($"last/{file}")} is missing or not the file that was saved (its SHA-256 differs)",
                $"{_folder.In($"step-3/{file}")} is missing or not the file that was saved (its SHA-256 differs)",
            ],
            point.Skipped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_missing_marker_is_told_and_the_one_before_is_used()
    {
        _folder.Save("step-2", 2);
        _folder.Save("last", 3);
        File.Delete(_folder.In("last/COMPLETE"));

        ResumePoint point = ResumePoint.Find(_folder.Path);

        Assert.Equal(_folder.In("step-2"), point.Folder);
        Assert.StartsWith($"{_folder.In("last")} is no complete checkpoint (", Assert.Single(point.Skipped), StringComparison.Ordinal);
    }

    [Fact]
    public void When_none_can_be_used_all_are_told()
    {
        _folder.Save("best", 2);
        _folder.Save("last", 3);
        Flip("best/state.json");
        File.Delete(_folder.In("last/weights.safetensors"));

        string message = Assert.Throws<InvalidInputException>(() => ResumePoint.Find(_folder.Path)).Message;

        Assert.Contains(_folder.In("best/state.json"), message, StringComparison.Ordinal);
        Assert.Contains(_folder.In("last/weights.safetensors"), message, StringComparison.Ordinal);
        Assert.Contains("--force", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_whole_under_a_passing_name_counts_and_gets_its_name_back()
    {
        _folder.Save("last", 2);
        _folder.Save("step-3", 3);
        Directory.Move(_folder.In("step-3"), _folder.In("last.partial")); // killed before the renames
        Assert.Equal(("last.partial", "last"), Found());
        TidyUp();
        Assert.Equal(["last"], Names());
        Assert.Equal(3, Checkpoint.ReadState(_folder.In("last")).Step);

        Directory.Move(_folder.In("last"), _folder.In("last.replaced")); // killed between them
        _folder.Save("step-4", 4);
        Directory.Move(_folder.In("step-4"), _folder.In("last.partial"));
        Assert.Equal(("last.partial", "last"), Found());
        Flip("last.partial/optim.safetensors");
        Assert.Equal(("last.replaced", "last"), Found());
        TidyUp();
        Assert.Equal(["last"], Names());
        Assert.Equal(3, Checkpoint.ReadState(_folder.In("last")).Step);
    }

    [Fact]
    public void A_damaged_newer_one_gives_its_name_back_to_the_earlier()
    {
        _folder.Save("last", 2);
        Directory.Move(_folder.In("last"), _folder.In("last.replaced"));
        _folder.Save("step-3", 3);
        Directory.Move(_folder.In("step-3"), _folder.In("last"));
        Flip("last/weights.safetensors");
        Assert.Equal(("last.replaced", "last"), Found());
        TidyUp();
        Assert.Equal(["last"], Names());
        Assert.Equal(2, Checkpoint.ReadState(_folder.In("last")).Step);
    }

    private (string? Folder, string? Name) Found()
    {
        ResumePoint point = ResumePoint.Find(_folder.Path);
        return (Path.GetFileName(point.Folder), point.Name);
    }

    private void TidyUp() => ResumePoint.Find(_folder.Path).TidyUp(_folder.Path);

    private IEnumerable<string?> Names() => Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName);

    private void Flip(string file)
    {
        byte[] bytes = File.ReadAllBytes(_folder.In(file));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_folder.In(file), bytes);
    }
}
