using System.Globalization;
using System.Text.Json.Serialization;
using Habla.Tracking;

namespace Habla.Experiments;

/// <summary>A run's line in the table.</summary>
public sealed record ExperimentRow
{
    /// <summary>The run's name, which is that of its folder under <c>runs</c>.</summary>
    public required string Run { get; init; }

    /// <summary>Which setting it is, from 0; runs that differ in the seed alone share it.</summary>
    public required int Setting { get; init; }

    /// <summary>The value of each key that the experiment varies, as YAML.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Its training seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What became of it.</summary>
    public required ExperimentRunState Status { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Message { get; init; }

    /// <summary>Updates done.</summary>
    public int Steps { get; init; }

    /// <summary>Updates in one pass over the training data.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Mean loss of the last pass's steps, as trained (with dropout), in nats a token; null before the first step.</summary>
    public double? LastEpochLoss { get; init; }

    /// <summary>Loss on all training data at the end, without dropout, in nats a token; null unless it ended.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>The final weights' validation loss, or the last one before they are there, in nats a token; null without one.</summary>
    [JsonPropertyName("val_loss")]
    public double? ValidationLoss { get; init; }

    /// <summary>The least validation loss, in nats a token; null without one.</summary>
    [JsonPropertyName("best_val_loss")]
    public double? BestValidationLoss { get; init; }

    /// <summary>The step of the least validation loss; null without one.</summary>
    [JsonPropertyName("best_val_step")]
    public int? BestValidationStep { get; init; }

    /// <summary>The gradients' norm before clipping; null before the first step.</summary>
    public GradientNormSummary? GradientNorm { get; init; }

    /// <summary>Seconds from start to end; null unless it ended.</summary>
    [JsonPropertyName("wall_clock_s")]
    public double? WallClockSeconds { get; init; }

    /// <summary>Training tokens by seconds, evaluations left out; null unless it ended.</summary>
    [JsonPropertyName("tokens_per_s")]
    public double? TokensPerSecond { get; init; }

    /// <summary>SHA-256 of the final weights; null unless it ended.</summary>
    [JsonPropertyName("weights_sha256")]
    public string? WeightsSha256 { get; init; }

    /// <summary>The number that the experiment compares by.</summary>
    /// <param name="metric">One of <see cref="ExperimentFile.Metric"/>'s.</param>
    public double? Metric(string metric) => Status != ExperimentRunState.Finished ? null : metric switch
    {
        ExperimentFile.ValidationLoss => ValidationLoss,
        ExperimentFile.BestValidationLoss => BestValidationLoss,
        _ => TrainLoss,
    };

    /// <summary>Reads a run's folder.</summary>
    /// <param name="run">The run.</param>
    /// <param name="message">What went wrong in it just now; null when nothing did, or it is not known.</param>
    /// <exception cref="InvalidInputException">A file of the run cannot be read.</exception>
    public static ExperimentRow Of(PlannedRun run, string? message = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        IReadOnlyList<StepMetrics> log = LogOf(run);
        ExperimentRunState state = message is null ? PlannedRunFolder.StateOf(run) : ExperimentRunState.Failed;
        if (state == ExperimentRunState.Failed)
        {
            message ??= PlannedRunFolder.HasDiverged(run)
                ? string.Create(CultureInfo.InvariantCulture, $"diverged at step {log.Count + 1}")
                : "failed";
        }

        var row = new ExperimentRow
        {
            Run = run.Name, Setting = run.Setting, Values = run.Values, Seed = run.Recipe.Training.Seed,
            Status = state, StepsPerEpoch = run.StepsPerEpoch, Message = message, Steps = log.Count > 0 ? log[^1].Step : 0,
            LastEpochLoss = log.Count == 0 ? null : log.Where(step => step.Epoch == log[^1].Epoch).Average(step => step.Loss),
            ValidationLoss = log.LastOrDefault(step => step.ValidationLoss is not null)?.ValidationLoss,
            BestValidationLoss = Best(log)?.ValidationLoss,
            BestValidationStep = Best(log)?.Step,
            GradientNorm = GradientNormSummary.Of(log, run.Recipe.Optimizer.ClipNorm),
        };
        if (row.Status != ExperimentRunState.Finished
            || TrainingResults.ReadIfThere(RunFolder.At(run.Folder).ResultsFile) is not { } ended)
        {
            return row;
        }

        return row with
        {
            // Early stopping takes back earlier weights than those of the log's last line.
            ValidationLoss = ended.ValidationPerplexity is { } perplexity ? Math.Log(perplexity) : row.ValidationLoss,
            TrainLoss = Math.Log(ended.TrainPerplexity), WallClockSeconds = ended.WallClockSeconds,
            TokensPerSecond = ended.TokensPerSecond, WeightsSha256 = ended.WeightsSha256,
        };
    }

    /// <summary>A run's log; empty where there is none yet.</summary>
    internal static IReadOnlyList<StepMetrics> LogOf(PlannedRun run) => RunSummary.ReadLog(RunFolder.At(run.Folder));

    private static StepMetrics? Best(IReadOnlyList<StepMetrics> log) =>
        log.Where(step => step.ValidationLoss is { } loss && double.IsFinite(loss)).MinBy(step => step.ValidationLoss);
}
