using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Runs;
using Habla.Runs.Verification;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>A run that early stopping ends: the best weights are its final ones, however often it was interrupted.</summary>
public sealed class EarlyStoppingRunTests : IDisposable
{
    private const int Patience = 3;

    private readonly RecordedSample _sample = new();

    /// <summary>A rate far too high and constant, so that the loss soon goes up and down.</summary>
    private Recipe Recipe => _sample.Recipe with
    {
        Optimizer = new() { MaximumLearningRate = 0.05, MinimumLearningRate = 0.05 },
        Scheduler = new() { TotalSteps = 300, WarmupSteps = 0 },
        Training = new() { BatchSize = 4, ValidateEvery = 2, EarlyStoppingPatience = Patience, EarlyStoppingMinimumDelta = 0.001 },
        Checkpoint = new() { Every = 3 },
    };

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_final_weights_are_the_best_ones_and_everything_says_so()
    {
        string run = Train(Recipe);
        Manifest manifest = Manifest.Read(File(run, "manifest.json"));
        TrainingResults results = TrainingResults.Read(File(run, "results.json"));
        IReadOnlyList<StepMetrics> log = MetricLog.Read(File(run, "train_log.jsonl"));
        StepMetrics best = log.Where(line => line.ValidationLoss is not null).MinBy(line => line.ValidationLoss)!;
        Assert.InRange(results.Steps, 2 * (Patience + 1), 299);
        Assert.Equal(results.Steps, log[^1].Step);
        Assert.NotEqual(results.Steps, best.Step);
        Assert.Equal((true, RunStatus.Finished, best.Step), (manifest.StoppedEarly, manifest.Status, manifest.WeightsStep!.Value));
        Assert.Equal((true, best.Step), (results.StoppedEarly, results.BestValidationStep!.Value));
        Assert.Equal(Math.Exp(best.ValidationLoss!.Value), results.ValidationPerplexity);
        Assert.Equal(best.ValidationAccuracy, results.ValidationAccuracy);
        Assert.Equal(results.BestValidationPerplexity, results.ValidationPerplexity);
        string weights = ContentHash.OfFile(File(run, "checkpoints/last/weights.safetensors"));
        Assert.Equal(weights, ContentHash.OfFile(File(run, "checkpoints/best/weights.safetensors")));
        Assert.Equal((weights, weights), (manifest.WeightsSha256, results.WeightsSha256));
        Assert.Contains($"stopped early with the weights of step {best.Step}", System.IO.File.ReadAllText(File(run, "README.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_run_stops_at_the_same_step_with_the_same_weights()
    {
        string through = Train(Recipe);
        int steps = TrainingResults.Read(File(through, "results.json")).Steps;
        for (int stopAfter = 1; stopAfter <= steps; stopAfter += 3)
        {
            string run = Train(Recipe, stopAfter);
            RecordedSample.Train(Recipe, run, existing: ExistingRun.Resume);
            AssertSame(through, run);
        }
    }

    [Fact]
    public void A_run_that_was_killed_at_its_very_end_ends_the_same_way()
    {
        string through = Train(Recipe), run = Train(Recipe);
        System.IO.File.Delete(File(run, "results.json"));
        RecordedSample.Rewrite(File(run, "manifest.json"), text => text.Replace("\"finished\"", "\"running\"", StringComparison.Ordinal));
        RecordedSample.Train(Recipe, run, existing: ExistingRun.Resume);
        AssertSame(through, run);
    }

    [Fact]
    public void A_run_that_has_stopped_is_finished_and_is_not_gone_on_with()
    {
        string run = Train(Recipe);
        DateTime written = System.IO.File.GetLastWriteTimeUtc(File(run, "manifest.json"));
        using TrainingRun again = TrainingRun.Prepare(
            Recipe, new TrainingRunOptions { Folder = run, WithBaseline = false, Threads = 1, Existing = ExistingRun.Resume });
        TrainingOutcome outcome = again.Execute();
        Assert.Equal((true, true), (outcome.Finished, outcome.Results.StoppedEarly));
        Assert.Equal(written, System.IO.File.GetLastWriteTimeUtc(File(run, "manifest.json")));
    }

    [Fact]
    public void Its_verification_replays_to_the_stop_and_finds_the_best_weights_on_the_way()
    {
        string run = Train(Recipe);
        VerificationReport report = RecordedSample.Verify(run);
        Assert.True(report.Reproduced);
        Assert.Equal(TrainingResults.Read(File(run, "results.json")).Steps, report.Steps);
        Assert.Equal(Manifest.Read(File(run, "manifest.json")).WeightsStep, report.Manifest!.Step);
        Directory.Delete(File(run, "checkpoints"), recursive: true);
        Assert.True(RecordedSample.Verify(run).Reproduced);
    }

    [Fact]
    public void A_run_that_does_all_its_steps_takes_its_best_weights_back_too()
    {
        string run = Train(Recipe with { Training = Recipe.Training with { EarlyStoppingPatience = 500 },
            Scheduler = new() { TotalSteps = 40, WarmupSteps = 0 } });
        TrainingResults results = TrainingResults.Read(File(run, "results.json"));
        Assert.Equal((40, false), (results.Steps, results.StoppedEarly));
        Assert.Equal(results.BestValidationPerplexity, results.ValidationPerplexity);
        Assert.Equal(results.BestValidationStep, Checkpoint.ReadState(File(run, "checkpoints/last")).Step);
    }

    [Fact]
    public void How_often_it_validates_decides_the_weights_and_may_not_change()
    {
        string run = Train(Recipe, stopAfter: 3);
        Recipe other = Recipe with { Training = Recipe.Training with { ValidateEvery = 4 } };
        var options = new TrainingRunOptions
        {
            Folder = run, WithBaseline = false, Threads = 1, Existing = ExistingRun.Resume, AllowedChanges = ["training.val_every"],
        };
        Assert.StartsWith(
            "--allow-change training.val_every: a run with another value would have come to other weights",
            Assert.ThrowsAny<InvalidInputException>(() => TrainingRun.Prepare(other, options).Dispose()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scheduler.total_steps")]
    [InlineData("training.epochs")]
    public void The_validation_at_its_end_decides_the_weights_so_its_length_may_not_change(string key)
    {
        Recipe constant = Recipe with { Scheduler = Recipe.Scheduler with { Type = ScheduleKind.Constant, TotalSteps = 9 } };
        string run = Train(constant);
        Recipe longer = constant with { Scheduler = constant.Scheduler with { TotalSteps = 20 } };
        var options = new TrainingRunOptions
        {
            Folder = run, WithBaseline = false, Threads = 1, Existing = ExistingRun.Resume, AllowedChanges = [key],
        };
        Assert.StartsWith(
            $"--allow-change {key}: with training.early_stopping.patience the validation after the former last step counts as waiting",
            Assert.ThrowsAny<InvalidInputException>(() => TrainingRun.Prepare(longer, options).Dispose()).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            $"--allow-change {key}",
            Assert.ThrowsAny<InvalidInputException>(
                () => TrainingRun.Prepare(longer, options with { AllowedChanges = [] }).Dispose()).Message, StringComparison.Ordinal);
    }

    private static void AssertSame(string expected, string found)
    {
        TrainingResults one = TrainingResults.Read(File(expected, "results.json")),
            other = TrainingResults.Read(File(found, "results.json"));
        Assert.Equal((one.WeightsSha256, one.Steps, one.StoppedEarly, one.BestValidationStep),
            (other.WeightsSha256, other.Steps, other.StoppedEarly, other.BestValidationStep));
        Assert.Equal(Log(expected), Log(found));
        Assert.Equal(System.IO.File.ReadAllText(File(expected, "checkpoints/last/state.json")),
            System.IO.File.ReadAllText(File(found, "checkpoints/last/state.json")));

        static IEnumerable<StepMetrics> Log(string run) =>
            MetricLog.Read(File(run, "train_log.jsonl")).Select(line => line with { TokensPerSecond = 0 });
    }

    private static string File(string run, string name) => Path.Combine(run, name);

    private string Train(Recipe recipe, int stopAfter = 0)
    {
        string run = _sample.NewName();
        RecordedSample.Train(recipe, run, stopAfter);
        return run;
    }
}
