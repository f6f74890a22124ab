using Habla.Configuration;
using Habla.Runs;
using Habla.Tests.Tracking.TensorBoard;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>What a resumed run reads, tells and may begin with.</summary>
public sealed class ResumedRunTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void It_goes_on_without_having_read_what_is_long_past()
    {
        string run = sample.NewName(), log = Path.Combine(run, "train_log.jsonl");
        RecordedSample.Train(sample.Recipe, run, stopAfter: 6);
        byte[] bytes = File.ReadAllBytes(log);
        bytes[0] = (byte)'#'; // whoever reads the first line refuses it
        File.WriteAllBytes(log, bytes);

        var steps = new Steps();
        using TrainingRun resumed = Resume(sample.Recipe, run, steps);
        string message = Assert.Throws<InvalidInputException>(() => resumed.Execute()).Message;

        Assert.Equal([7, 8, 9, 10, 11, 12], steps.Seen);
        Assert.StartsWith($"{log}:1: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_tells_the_tokens_of_the_whole_run_and_of_its_last_part()
    {
        string whole = sample.NewName(), parts = sample.NewName();
        TrainingOutcome expected = Start(sample.Recipe, whole);
        Assert.Null(expected.Part);
        TrainingOutcome first = Start(sample.Recipe, parts, stopAfter: 5), last;
        using (TrainingRun resumed = Resume(sample.Recipe, parts))
        {
            last = resumed.Execute();
        }

        Assert.Equal(expected.Losses!.Tokens, last.Losses!.Tokens);
        Assert.Equal(expected.Losses.Tokens, first.Losses!.Tokens + last.Part!.Tokens);
        Assert.Equal((7, false), (last.Part.Steps, last.Part.FollowsKilled));
        Assert.InRange(last.Part.Seconds, 0, last.Results.WallClockSeconds);
    }

    [Fact]
    public void It_may_begin_to_tell_tensorboard()
    {
        string run = sample.NewName();
        RecordedSample.Train(sample.Recipe, run, stopAfter: 6);
        Recipe recipe = sample.Recipe with { Tracking = new TrackingOptions { TensorBoard = true } };

        Assert.Contains("--allow-change tracking.tensorboard", Assert.Throws<InvalidInputException>(() => Resume(recipe, run))
            .Message, StringComparison.Ordinal);
        using (TrainingRun resumed = Resume(recipe, run, allowed: "tracking.tensorboard"))
        {
            Assert.True(resumed.Execute().Finished);
        }

        Assert.Equal(
            [7L, 8, 9, 10, 11, 12],
            EventFileReader.Shown(Path.Combine(run, "tensorboard")).Where(point => point.Tag == "loss/train").Select(point => point.Step));
        Assert.Equal(
            TrainingResults.Read(Path.Combine(sample.Run, "results.json")).WeightsSha256,
            TrainingResults.Read(Path.Combine(run, "results.json")).WeightsSha256);
    }

    [Fact]
    public void The_second_at_a_new_folder_is_refused_before_anything_is_changed()
    {
        var options = new TrainingRunOptions { Folder = sample.NewName(), WithBaseline = false, Threads = 1 };
        using TrainingRun first = TrainingRun.Prepare(sample.Recipe, options), second = TrainingRun.Prepare(sample.Recipe, options);
        first.LockFolder();
        Assert.Contains(
            "another habla is at work", Assert.Throws<InvalidInputException>(second.LockFolder).Message, StringComparison.Ordinal);
        Assert.True(first.Execute().Finished);
    }

    [Fact]
    public void Its_manifest_tells_how_it_began_and_how_it_went_on()
    {
        string run = sample.NewName(), file = Path.Combine(run, "manifest.json");
        RecordedSample.Train(sample.Recipe, run, stopAfter: 4);
        Manifest start = Manifest.Read(file) with { GitSha = "abc", CommandLine = ["habla", "train"], Threads = 7 };
        start = start with { Versions = start.Versions with { Habla = "0.0.1" } };
        start.Write(file);
        foreach (int stopAfter in (int[])[8, 0])
        {
            using var stop = new CancellationTokenSource();
            using TrainingRun resumed = TrainingRun.Prepare(sample.Recipe, new TrainingRunOptions
            {
                Folder = run, WithBaseline = false, Threads = 2, Existing = ExistingRun.Resume, CommandLine = ["habla", "train", "--resume"],
            });
            resumed.Listeners.Add(new Steps { StopAfter = stopAfter, Stop = stop });
            resumed.Execute(stop.Token);
        }

        Manifest end = Manifest.Read(file);
        Assert.Equal(
            (start.GitSha, start.Versions, start.Threads, start.StartedAt), (end.GitSha, end.Versions, end.Threads, end.StartedAt));
        Assert.Equal(start.CommandLine, end.CommandLine);
        Assert.Equal([4, 8], end.Resumed!.Select(part => part.AfterStep));
        Assert.All(end.Resumed!, part =>
        {
            Assert.Equal((2, SoftwareVersions.Current), (part.Threads, part.Versions));
            Assert.Equal(["habla", "train", "--resume"], part.CommandLine);
        });
    }

    private static TrainingOutcome Start(Recipe recipe, string output, int stopAfter = 0)
    {
        using var stop = new CancellationTokenSource();
        using TrainingRun run = TrainingRun.Prepare(recipe, new TrainingRunOptions { Folder = output, WithBaseline = false, Threads = 1 });
        run.Listeners.Add(new Steps { StopAfter = stopAfter, Stop = stop });
        return run.Execute(stop.Token);
    }

    private static TrainingRun Resume(Recipe recipe, string output, Steps? steps = null, params string[] allowed)
    {
        TrainingRun run = TrainingRun.Prepare(recipe, new TrainingRunOptions
        {
            Folder = output, WithBaseline = false, Threads = 1, Existing = ExistingRun.Resume, AllowedChanges = allowed,
        });
        run.Listeners.Add(steps ?? new Steps());
        return run;
    }

    private sealed class Steps : ITrainingListener
    {
        public List<int> Seen { get; } = [];

        public int StopAfter { get; init; }

        public CancellationTokenSource? Stop { get; init; }

        public void OnStep(StepCompleted step)
        {
            Seen.Add(step.Step);
            if (step.Step == StopAfter)
            {
                Stop!.Cancel();
            }
        }
    }
}
