namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>Disks that take no more: the run says so and ends, and what was saved before can be used.</summary>
public sealed class DiskTests(TinyRun run) : IClassFixture<TinyRun>
{
    [TmpfsFact]
    public void A_full_disk_ends_the_run_and_leaves_the_earlier_checkpoint()
    {
        string disk = run.In("disk"), output = "disk/run";
        Directory.CreateDirectory(disk);
        SystemCommand.Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk);
        try
        {
            ProcessResult full = run.Train(output, "--set", "checkpoint.keep=1000").Expect(1);

            string told = Assert.Single(full.Error.Split('\n'), line => line.StartsWith("habla: ", StringComparison.Ordinal));
            Assert.Contains("No space left on device", told, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", full.Error, StringComparison.Ordinal);
            Assert.True(run.CompleteSteps(output).Max() >= run.LogLines(output) - 2);

            foreach (string folder in Directory.GetDirectories(run.In($"{output}/checkpoints"), "step-*"))
            {
                Directory.Delete(folder, recursive: true);
            }

            ProcessResult resumed = run.Train(output, "--resume", "--allow-change", "checkpoint.keep").Expect(0);
            Assert.DoesNotContain("after step 0 ", resumed.Error, StringComparison.Ordinal);
            run.AssertLikeWhole(output);
        }
        finally
        {
            SystemCommand.Run("umount", disk);
        }
    }

    /// <summary>The superuser may write whatever the permissions say, so the file is made immutable (chattr +i).</summary>
    [ImmutableFact]
    public void A_file_that_turned_read_only_ends_the_run_and_leaves_a_checkpoint()
    {
        string output = run.NewName();
        run.KillAfter(5, output);
        string weights = run.In($"{output}/checkpoints/last/weights.safetensors");
        int before = run.CompleteSteps(output).Max();
        SystemCommand.Run("chattr", "+i", weights);
        string locked = weights;
        try
        {
            ProcessResult failed = run.Train(output, "--resume").Expect(1);

            locked = Directory.EnumerateFiles(run.In($"{output}/checkpoints"), "weights.safetensors", SearchOption.AllDirectories)
                .Single(IsImmutable);
            Assert.Single(
                failed.Error.Split('\n'), line => line.StartsWith("habla: cannot write the checkpoint ", StringComparison.Ordinal));
            Assert.True(run.CompleteSteps(output).Max() >= before);
        }
        finally
        {
            SystemCommand.Run("chattr", "-i", locked);
        }

        run.Train(output, "--resume").Expect(0);
        run.AssertLikeWhole(output);
    }

    [Fact]
    public void A_file_that_cannot_be_written_ends_the_run_and_leaves_the_checkpoint()
    {
        string output = run.NewName();
        run.KillAfter(3, output);
        int before = run.CompleteSteps(output).Max();
        string metrics = run.In($"{output}/training_metrics.json");
        File.Delete(metrics);
        Directory.CreateDirectory(metrics);

        ProcessResult failed = run.Train(output, "--resume").Expect(1);

        Assert.Single(failed.Error.Split('\n'), line =>
            line.StartsWith($"habla: cannot write {output}/training_metrics.json: ", StringComparison.Ordinal));
        Assert.Equal("failed", run.Json($"{output}/manifest.json").GetProperty("status").GetString());
        Assert.True(run.CompleteSteps(output).Max() >= before);
        Directory.Delete(metrics);
        run.Train(output, "--resume").Expect(0);
        run.AssertLikeWhole(output);
    }

    private static bool IsImmutable(string path) => SystemCommand.Run("lsattr", path).Split(' ')[0].Contains('i', StringComparison.Ordinal);
}
