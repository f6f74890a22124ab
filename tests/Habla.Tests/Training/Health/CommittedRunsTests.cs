using Habla.Tracking;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Tests.Training.Health;

/// <summary>The committed runs went well: nothing is said of them but what is true.</summary>
public class CommittedRunsTests
{
    /// <summary>The verbs' little corpus is learned by heart, which the run's own results say too; all else is silent.</summary>
    [Theory]
    [InlineData("18-train-mini", 2000, 8 * 32, 3e-4, new[] { HealthKind.Overfitting })]
    [InlineData("18-sonnets/learned", 2800, 32 * 64, 3e-4, new HealthKind[0])]
    [InlineData("18-sonnets/rotary", 2800, 32 * 64, 3e-4, new HealthKind[0])]
    public void A_committed_run_is_warned_of_nothing_but_what_is_so(
        string experiment, int steps, int tokens, double learningRate, HealthKind[] expected)
    {
        IReadOnlyList<StepMetrics> log = MetricLog.Read(Path.Combine(Repository.Root, "experiments", experiment, "train_log.jsonl"));
        Assert.Equal(steps, log.Count);
        var health = new RunHealth(new HealthSettings(steps, tokens, learningRate));
        Assert.Equal(expected, log.SelectMany(line => health.Look(new StepCompleted(
            line.Step, line.Epoch, line.Loss, line.LearningRate, line.GradientNorm, 0, line.TokensPerSecond, line.ValidationLoss)))
            .Select(warning => warning.Kind));
    }
}
