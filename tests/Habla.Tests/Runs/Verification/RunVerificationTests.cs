using System.Globalization;
using Habla.Checkpoints;
using Habla.Runs.Verification;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Tests.Runs.Verification;

public sealed class RunVerificationTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    private const string Key = "blocks.0.attention.key.weight";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_run_is_reproduced_on_any_number_of_threads_and_only_read(int threads)
    {
        string run = sample.Copy();
        SortedDictionary<string, string> before = Contents(run);

        VerificationReport report = RecordedSample.Verify(run, threads);

        Assert.True(report.Reproduced);
        Assert.Equal((12, 12, 12), (report.Steps, report.RecordedSteps, report.LogLines));
        Assert.Equal(Manifest.Read(Path.Combine(run, "manifest.json")).WeightsSha256, report.WeightsSha256);
        Assert.Equal(["step-4", "step-8", "last", "step-12"], report.Checkpoints.Select(one => one.Name).Where(name => name != "best"));
        Assert.Contains(report.Checkpoints, one => one.Name == "best");
        Assert.All(report.Checkpoints, one => Assert.True(one.Reproduced && one.OptimizerReproduced && !one.ChangedSinceSaved, one.Name));
        Assert.Equal((12, true), (report.Manifest!.Step, report.Manifest.Reproduced));
        Assert.Null(report.DiffersAtStep);
        Assert.Null(report.Tensor);
        Assert.Equal(before, Contents(run));
    }

    [Fact]
    public void Fewer_steps_compare_what_was_recorded_up_to_there()
    {
        VerificationReport report = RecordedSample.Verify(sample.Run, steps: 6);

        Assert.True(report.Reproduced);
        Assert.Equal((6, 12, 6), (report.Steps, report.RecordedSteps, report.LogLines));
        Assert.Contains("step-4", report.Checkpoints.Select(one => one.Name));
        Assert.All(report.Checkpoints, one => Assert.InRange(one.Step, 1, 6));
        Assert.Null(report.Manifest);
    }

    [Fact]
    public void A_damaged_checkpoint_is_named_with_its_tensor_and_is_no_verdict_on_the_training()
    {
        string run = sample.Copy();
        string weights = Path.Combine(run, "checkpoints", "step-8", Checkpoint.WeightsFile);
        RecordedSample.FlipABit(weights, Key);

        VerificationReport report = RecordedSample.Verify(run);

        Assert.False(report.Reproduced);
        Assert.True(report.IsOnlyDamagedLater);
        Assert.Equal((null, null, Key), (report.DiffersAtStep, report.SameUntilStep, report.Tensor));
        Assert.Null(report.LogDifference);
        CheckpointVerification damaged = Assert.Single(report.Checkpoints, one => !one.Reproduced);
        Assert.Equal(("step-8", true), (damaged.Name, damaged.IsDamagedLater));
        Assert.True(damaged.ChangedSinceSaved && damaged.OptimizerReproduced);
        Assert.Equal((2, 1), (damaged.Difference!.Element!.Value, damaged.Difference.DifferingCount));
        Assert.Equal(
            BitConverter.SingleToInt32Bits(damaged.Difference.Replayed!.Value) ^ 1,
            BitConverter.SingleToInt32Bits(damaged.Difference.Recorded!.Value));
        Assert.Equal(12, report.Steps);
        Assert.True(report.Manifest!.Reproduced);
    }

    [Fact]
    public void The_optimizer_s_moments_count_too()
    {
        string run = sample.Copy();
        RecordedSample.FlipABit(Path.Combine(run, "checkpoints", "last", Checkpoint.OptimizerFile), "second_moment." + Key);

        VerificationReport report = RecordedSample.Verify(run);

        CheckpointVerification damaged = Assert.Single(report.Checkpoints, one => !one.Reproduced);
        Assert.Equal(("last", Checkpoint.OptimizerFile), (damaged.Name, damaged.Difference!.File));
        Assert.Equal("second_moment." + Key, report.Tensor);
        Assert.Equal(damaged.RecordedSha256, damaged.ReplayedSha256);
        Assert.False(report.Reproduced);
    }

    [Fact]
    public void A_line_of_the_log_that_differs_names_its_step_even_if_the_weights_are_the_same()
    {
        string run = sample.Copy();
        StepMetrics line = MetricLog.Read(Path.Combine(run, "train_log.jsonl"))[5];
        RewriteNumber(Path.Combine(run, "train_log.jsonl"), "\"grad_norm\":", line.GradientNorm, Math.BitIncrement(line.GradientNorm));

        VerificationReport report = RecordedSample.Verify(run);

        Assert.Equal(new LogDifference(6, "grad_norm", Math.BitIncrement(line.GradientNorm), line.GradientNorm), report.LogDifference);
        Assert.Equal((5, 6), (report.SameUntilStep!.Value, report.DiffersAtStep!.Value));
        Assert.Null(report.Tensor);
        Assert.Equal(12, report.Steps);
        Assert.False(report.Reproduced);
    }

    [Fact]
    public void Another_run_differs_from_its_first_step_on_and_the_replay_ends_at_the_first_checkpoint()
    {
        // The recipe and the manifest of seed 42, what came of seed 43.
        string run = sample.NewName();
        RecordedSample.Train(sample.Recipe with { Training = sample.Recipe.Training with { Seed = 43 } }, run);
        File.Copy(Path.Combine(sample.Run, "config.yaml"), Path.Combine(run, "config.yaml"), overwrite: true);
        File.Copy(Path.Combine(sample.Run, "manifest.json"), Path.Combine(run, "manifest.json"), overwrite: true);

        VerificationReport report = RecordedSample.Verify(run);

        Assert.False(report.Reproduced);
        Assert.Equal((0, 1), (report.SameUntilStep!.Value, report.DiffersAtStep!.Value));
        Assert.Equal((1, "loss"), (report.LogDifference!.Step, report.LogDifference.Field));
        CheckpointVerification first = Assert.Single(report.Checkpoints);
        Assert.Equal(("step-4", 4, false), (first.Name, report.Steps, first.ChangedSinceSaved));
        Assert.Equal("token_embedding.weight", report.Tensor);
        Assert.True(first.Difference!.DifferingCount > 1);
    }

    [Fact]
    public void A_manifest_that_ends_with_another_hash_is_told()
    {
        string run = sample.Copy(), manifest = Path.Combine(run, "manifest.json");
        string hash = Manifest.Read(manifest).WeightsSha256!, another = ContentHash.OfText("another");
        RecordedSample.Rewrite(manifest, text => text.Replace(hash, another, StringComparison.Ordinal));

        VerificationReport report = RecordedSample.Verify(run);

        Assert.Equal(new ManifestVerification(12, another, hash), report.Manifest);
        Assert.Equal(12, report.DiffersAtStep);
        Assert.False(report.Reproduced);
    }

    [Fact]
    public void An_interrupted_run_is_verified_as_far_as_it_went_and_a_resumed_one_to_its_end()
    {
        string run = sample.NewName();
        RecordedSample.Train(sample.Recipe, run, stopAfter: 6);
        VerificationReport half = RecordedSample.Verify(run);
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
        VerificationReport whole = RecordedSample.Verify(run);

        Assert.True(half.Reproduced);
        Assert.Equal((6, 6, 6), (half.Steps, half.LogLines, half.Manifest!.Step));
        Assert.True(whole.Reproduced);
        Assert.Equal((12, 12), (whole.Steps, whole.LogLines));
        Assert.Equal(RecordedSample.Verify(sample.Run).WeightsSha256, whole.WeightsSha256);
    }

    [Fact]
    public void Of_a_killed_run_the_log_is_compared_beyond_its_last_checkpoint()
    {
        string run = sample.Copy();
        Directory.Delete(Path.Combine(run, "checkpoints", "last"), recursive: true);
        Directory.Delete(Path.Combine(run, "checkpoints", "step-12"), recursive: true);
        Directory.Delete(Path.Combine(run, "checkpoints", "best"), recursive: true);
        RewriteManifest(run, manifest => manifest with { Status = RunStatus.Running, WeightsSha256 = null });
        RecordedSample.Rewrite(Path.Combine(run, "train_log.jsonl"), log => string.Join('\n', log.Split('\n').Take(10)) + "\n{\"step\": 1");

        using RunVerification verification = RunVerification.Prepare(run, threads: 1);
        VerificationReport report = verification.Execute();

        Assert.True(report.Reproduced);
        Assert.Equal((10, 10), (report.Steps, report.LogLines));
        Assert.Equal(["step-4", "step-8"], report.Checkpoints.Select(one => one.Name));
        Assert.Null(report.Manifest);
        Assert.Contains("killed", Assert.Single(verification.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_makes_the_answer_weaker_is_said()
    {
        string run = sample.Copy();
        Assert.Empty(Warnings(run));
        RewriteManifest(run, manifest => manifest with { Versions = manifest.Versions with { Habla = "0.0.9" } });
        Assert.Contains("made by Habla 0.0.9", Assert.Single(Warnings(run)), StringComparison.Ordinal);
        Assert.Contains("12 steps, not 13", Warnings(run, 13)[^1], StringComparison.Ordinal);
        File.Delete(Path.Combine(run, "train_log.jsonl"));
        Assert.Contains("no line for 12 of the 12 steps", Warnings(run)[^1], StringComparison.Ordinal);
        Assert.Contains("kept no weights up to step 3", Warnings(sample.Run, 3)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_log_and_checkpoints_the_manifest_s_hash_is_enough()
    {
        string run = sample.Copy();
        Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true);
        File.Delete(Path.Combine(run, "train_log.jsonl"));

        VerificationReport report = RecordedSample.Verify(run);

        Assert.True(report.Reproduced);
        Assert.Equal((12, 0, 0), (report.Steps, report.LogLines, report.Checkpoints.Count));
        Assert.True(report.Manifest!.Reproduced);
    }

    private static IReadOnlyList<string> Warnings(string run, int? steps = null)
    {
        using RunVerification verification = RunVerification.Prepare(run, threads: 1, steps);
        return verification.Warnings;
    }

    private static void RewriteManifest(string run, Func<Manifest, Manifest> change)
    {
        string path = Path.Combine(run, "manifest.json");
        change(Manifest.Read(path)).Write(path);
    }

    private static void RewriteNumber(string path, string key, double before, double after) => RecordedSample.Rewrite(
        path, text => text.Replace(
            key + before.ToString("R", CultureInfo.InvariantCulture), key + after.ToString("R", CultureInfo.InvariantCulture),
            StringComparison.Ordinal));

    private static SortedDictionary<string, string> Contents(string folder) => new(
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, path => Directory.Exists(path) ? "" : ContentHash.OfFile(path)),
        StringComparer.Ordinal);
}
