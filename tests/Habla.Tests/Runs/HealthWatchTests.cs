using Habla.Configuration;
using Habla.Runs;
using Habla.Tests.Training;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>What a run leaves of its health, and of what was measured before it.</summary>
public sealed class HealthWatchTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void A_resumed_run_has_the_health_of_one_that_never_stopped()
    {
        // A learning rate far too high, so that there is something to tell.
        Recipe recipe = Recipe(every: 20) with
        {
            Optimizer = new() { MaximumLearningRate = 5, MinimumLearningRate = 5, WeightDecay = 0, ClipNorm = 0 },
        };
        string whole = sample.NewName(), parts = sample.NewName();
        RecordedSample.Train(recipe, whole);
        RecordedSample.Train(recipe, parts, stopAfter: 70);
        RecordedSample.Train(recipe, parts, existing: ExistingRun.Resume);
        string health = File.ReadAllText(Path.Combine(whole, "health.jsonl"));
        Assert.Equal(health, File.ReadAllText(Path.Combine(parts, "health.jsonl")));
        IReadOnlyList<HealthLine> lines = HealthLog.Read(Path.Combine(whole, "health.jsonl"));
        Assert.Equal([1, 20, 40, 60, 80, 100, 120], lines.Where(line => line.Kind == HealthLine.LayersKind).Select(line => line.Step));
        HealthLine[] warnings = [.. lines.Where(line => line.Layers is null)];
        Assert.NotEmpty(warnings);
        Assert.All(warnings.Where(line => line.Kind != "first_step").GroupBy(line => line.Kind), kind => Assert.Single(kind));
    }

    [Fact]
    public void Large_gradients_are_told_once_however_often_the_run_goes_on()
    {
        Recipe recipe = Recipe(every: 0) with
        {
            Optimizer = new() { MaximumLearningRate = 5, MinimumLearningRate = 5, WeightDecay = 0, ClipNorm = 0 },
        };
        string run = sample.NewName();
        var heard = new RecordingListener();
        foreach (int stopAfter in (int[])[70, 90, 0])
        {
            using var stop = new CancellationTokenSource();
            using TrainingRun part = TrainingRun.Prepare(recipe, new TrainingRunOptions
            {
                Folder = run, WithBaseline = false, WithPreflight = false, Threads = 1,
                Existing = stopAfter == 70 ? ExistingRun.Refuse : ExistingRun.Resume,
            });
            part.Listeners.Add(heard);
            part.Listeners.Add(new RecordingListener(step =>
            {
                if (step.Step == stopAfter)
                {
                    stop.Cancel();
                }
            }));
            part.Execute(stop.Token);
        }

        Assert.All((int[])[70, 90, 120], until => Assert.Contains(
            heard.Steps, step => step.Step > until - 20 && step.Step <= until && step.GradientNorm > 10));
        Assert.Single(heard.Warnings, warning => warning.StartsWith("the gradient norm is ", StringComparison.Ordinal));
    }

    [Fact]
    public void Neither_looking_into_layers_nor_measuring_first_changes_a_weight()
    {
        (int Every, bool Preflight)[] ways = [(20, true), (0, true), (20, false), (0, false)];
        string[] weights = [.. ways.Select(way => WeightsOf(way.Every, way.Preflight))];
        Assert.Single(weights.Distinct());
    }

    [Fact]
    public void What_was_measured_is_kept_with_what_it_took_and_short_runs_do_without()
    {
        string output = sample.NewName();
        RecordedSample.Train(Recipe(every: 0), output);
        PreflightEstimate estimate = PreflightEstimate.Read(Path.Combine(output, "preflight.json"));
        Assert.Equal((120, 24, 6), (estimate.Steps, estimate.Validations, estimate.Checkpoints));
        Assert.InRange(estimate.MeasuredSteps, 3, 6);
        Assert.True(estimate is { StepMilliseconds: > 0, ValidationSeconds: > 0, ActivationsMb: > 0, TookSeconds: > 0,
            TimeErrorPercent: not null });
        Assert.True(estimate.DiskFreeMb > estimate.DiskMb);
        Assert.False(File.Exists(Path.Combine(sample.Run, "preflight.json"))); // twelve steps
        Assert.DoesNotContain(HealthLog.Read(Path.Combine(output, "health.jsonl")), line => line.Layers is not null);
    }

    [Fact]
    public void A_run_that_diverges_at_once_is_not_measured_and_tells_it_itself()
    {
        Recipe recipe = Recipe(every: 0) with
        {
            Optimizer = new() { MaximumLearningRate = 10, MinimumLearningRate = 10, WeightDecay = 10, ClipNorm = 0 },
            Training = sample.Recipe.Training with { HealthEvery = 0 },
            Scheduler = new() { TotalSteps = 4000, WarmupSteps = 0 }, // a twentieth, which is measured, is enough to diverge
        };
        using TrainingRun run = TrainingRun.Prepare(
            recipe, new TrainingRunOptions { Folder = sample.NewName(), WithBaseline = false, Threads = 1 });
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => run.Execute());
        Assert.InRange(error.Step, 2, 200);
        Assert.NotNull(error.Rows);
    }

    private string WeightsOf(int every, bool preflight)
    {
        using TrainingRun run = TrainingRun.Prepare(Recipe(every), new TrainingRunOptions
        {
            Folder = sample.NewName(), WithBaseline = false, Threads = 2, WithPreflight = preflight,
        });
        Assert.Equal(preflight, run.Preflight is not null);
        return run.Execute().Results.WeightsSha256;
    }

    private Recipe Recipe(int every) => sample.Recipe with
    {
        Scheduler = new() { TotalSteps = 120, WarmupSteps = 2 },
        Training = sample.Recipe.Training with { HealthEvery = every },
    };
}
