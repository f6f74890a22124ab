using Habla.Configuration;
using Habla.Runs;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>Who hears of a run's steps and warnings, and in which order.</summary>
public sealed class RunListenersTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void A_step_is_written_down_everywhere_before_it_can_be_saved_and_people_hear_of_it_last()
    {
        string[] all = Heard(new TrackingOptions { MlflowUri = sample.In("mlruns"), TensorBoard = true });
        Assert.Equal(["RunLog", "RunTracking", "HealthWatch", "TensorBoardListener", "CheckpointKeeper", "Person"], all);
        Assert.Equal(["RunLog", "HealthWatch", "CheckpointKeeper", "Person"], Heard(new TrackingOptions()));
    }

    [Fact]
    public void People_hear_every_warning_that_is_written_down()
    {
        Recipe recipe = sample.Recipe with
        {
            Scheduler = new() { TotalSteps = 120, WarmupSteps = 2 },
            Optimizer = new() { MaximumLearningRate = 5, MinimumLearningRate = 5, WeightDecay = 0, ClipNorm = 0 },
        };
        string output = sample.NewName();
        var person = new Person();
        using TrainingRun run = Prepare(recipe, output);
        run.Listeners.Add(person);
        run.Execute();
        string[] written = [.. HealthLog.Read(Path.Combine(output, "health.jsonl")).Select(line => line.Message).OfType<string>()];
        Assert.NotEmpty(written);
        Assert.Equal(written, person.Warnings);
    }

    private string[] Heard(TrackingOptions tracking)
    {
        using TrainingRun run = Prepare(sample.Recipe with { Tracking = tracking }, sample.NewName());
        run.Listeners.Add(new Person());
        run.Execute();
        return [.. run.Trainer.Listeners.Select(listener => listener.GetType().Name)];
    }

    private static TrainingRun Prepare(Recipe recipe, string output) => TrainingRun.Prepare(
        recipe, new TrainingRunOptions { Folder = output, WithBaseline = false, Threads = 1 });

    private sealed class Person : ITrainingListener
    {
        public List<string> Warnings { get; } = [];

        public void OnStep(StepCompleted step)
        {
        }

        public void OnWarning(string warning) => Warnings.Add(warning);
    }
}
