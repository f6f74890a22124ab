using Habla.Configuration;
using Habla.Tests.Tracking.TensorBoard;
using Habla.Tracking;

namespace Habla.Tests.Runs;

public sealed class TensorBoardRunTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    private Recipe WithBoard => sample.Recipe with { Tracking = new TrackingOptions { TensorBoard = true } };

    [Fact]
    public void A_run_leaves_event_files_only_when_asked_and_the_same_weights()
    {
        string run = sample.NewName();
        RecordedSample.Train(WithBoard, run);

        Assert.False(Directory.Exists(Path.Combine(sample.Run, "tensorboard")));
        Assert.Single(EventFileReader.Files(Path.Combine(run, "tensorboard")));
        AssertShowsTheLog(run);
        AssertSameWeights(run);
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Replace);
        Assert.False(Directory.Exists(Path.Combine(run, "tensorboard")));
    }

    [Fact]
    public void A_resumed_run_shows_every_step_once()
    {
        string run = sample.NewName();
        RecordedSample.Train(WithBoard, run, stopAfter: 6);
        RecordedSample.Train(WithBoard, run, existing: ExistingRun.Resume);

        Assert.Equal(2, EventFileReader.Files(Path.Combine(run, "tensorboard")).Length);
        AssertShowsTheLog(run);
        AssertSameWeights(run);
    }

    private void AssertSameWeights(string run) => Assert.Equal(
        TrainingResults.Read(Path.Combine(sample.Run, "results.json")).WeightsSha256,
        TrainingResults.Read(Path.Combine(run, "results.json")).WeightsSha256);

    private static void AssertShowsTheLog(string run)
    {
        List<(long Step, string Tag, float Value)> shown = EventFileReader.Shown(Path.Combine(run, "tensorboard"));
        IReadOnlyList<StepMetrics> log = MetricLog.Read(Path.Combine(run, "train_log.jsonl"));
        Assert.Equal(12, log.Count);
        foreach ((string tag, Func<StepMetrics, double?> value) in ((string, Func<StepMetrics, double?>)[])
        [
            ("loss/train", step => step.Loss), ("loss/validation", step => step.ValidationLoss),
            ("learning_rate", step => step.LearningRate),
            ("gradient_norm", step => step.GradientNorm), ("tokens_per_second", step => step.TokensPerSecond),
        ])
        {
            Assert.Equal(
                log.Where(step => value(step) is not null).Select(step => ((long)step.Step, (float)value(step)!.Value)),
                shown.Where(point => point.Tag == tag).Select(point => (point.Step, point.Value)));
        }
    }
}
