using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class PreflightEstimateTests
{
    private static readonly PreflightEstimate _estimate = new()
    {
        Parameters = 1 << 20, Steps = 1000, StepMilliseconds = 20, MeasuredSteps = 3, ValidationSeconds = 0.5, Validations = 20,
        TrainEvaluationSeconds = 2, GradientsMb = 8, ActivationsMb = 30, MeasuredMemoryMb = 108, GrowthMb = 30, MemoryAvailableMb = 1000,
        Checkpoints = 3, DiskFreeMb = 37,
    };

    [Fact]
    public void Times_and_sizes_add_up()
    {
        Assert.Equal(20 + 10 + 2, _estimate.TotalSeconds);
        Assert.Equal((4, 8, 12), (_estimate.ParametersMb, _estimate.MomentsMb, _estimate.CheckpointMb));
        Assert.Equal((12, 108 + 12 + 30), (_estimate.CheckpointCopyMb, _estimate.MemoryMb));
        Assert.Equal(150 - 4 - 8 - 8 - 30 - 12, _estimate.OtherMb);
        Assert.Equal(36.19, _estimate.DiskMb); // three checkpoints and 200 bytes a step
        Assert.Empty(_estimate.Warnings);
    }

    [Fact]
    public void What_does_not_fit_is_told_with_a_way_out()
    {
        string[] warnings = [.. (_estimate with { DiskFreeMb = 36, MemoryAvailableMb = 100 }).Warnings];
        Assert.Equal(2, warnings.Length);
        Assert.Contains("checkpoint.keep", warnings[0], StringComparison.Ordinal);
        Assert.Contains("training.micro_batches", warnings[1], StringComparison.Ordinal);
        Assert.Empty((_estimate with { DiskFreeMb = null }).Warnings);
    }

    [Theory]
    [InlineData(40, -20)]
    [InlineData(16, 100)]
    public void The_error_is_in_percent_of_what_it_took(double took, double error) =>
        Assert.Equal(error, (_estimate with { TookSeconds = took }).TimeErrorPercent);

    [Theory]
    [InlineData(200, -25)]
    [InlineData(120, 25)]
    public void So_is_that_of_the_memory(double took, double error) =>
        Assert.Equal(error, (_estimate with { TookMemoryMb = took }).MemoryErrorPercent);

    [Fact]
    public void It_comes_back_from_its_file()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "preflight.json");
        PreflightEstimate ended = _estimate with { TookSeconds = 30, TookMemoryMb = 160 };
        ended.Write(path);
        Assert.Equal(ended, PreflightEstimate.Read(path));
        File.WriteAllText(path, "{}");
        Assert.Throws<InvalidInputException>(() => PreflightEstimate.Read(path));
    }
}
