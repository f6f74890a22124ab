using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Data;
using Habla.Evaluation;
using Habla.Tracking;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Runs;

/// <summary>What a run came to, in numbers: evaluated with the weights it ends with.</summary>
internal static class RunResults
{
    // Who interrupts a run waits for this: a hundred windows tell roughly how far it came.
    private const long TokensWhenInterrupted = 1 << 16;

    /// <summary>Evaluates.</summary>
    /// <param name="prepared">The run.</param>
    /// <param name="setup">What computed it.</param>
    /// <param name="checkpoints">Its checkpoints; the last is saved.</param>
    /// <param name="steps">Its log, in order.</param>
    /// <param name="seconds">What it took, all parts together.</param>
    public static TrainingResults Of(
        PreparedRun prepared, TrainingSetup setup, CheckpointKeeper checkpoints, IReadOnlyList<StepMetrics> steps, double seconds)
    {
        (double Loss, double? Accuracy)? validation = Validation(prepared, setup, checkpoints, steps);
        SequenceDataset train = setup.Trainer.IsDone
            ? prepared.Data.TrainForEvaluation()
            : prepared.Data.TrainForEvaluation(TokensWhenInterrupted);
        return new TrainingResults
        {
            TrainPerplexity = setup.Evaluator.Evaluate(train.EvaluationBatches()).Perplexity,
            ValidationPerplexity = validation is { } end ? Math.Exp(end.Loss) : null,
            ValidationAccuracy = validation?.Accuracy,
            BestValidationStep = checkpoints.Best?.Step,
            BestValidationPerplexity = checkpoints.Best is { } best ? Math.Exp(best.Loss) : null,
            BaselineValidationPerplexity = prepared.BaselinePerplexity,
            Parameters = setup.Model.Parameters.Count,
            Steps = setup.Trainer.StepsDone,
            StoppedEarly = setup.Trainer.EarlyStopping.HasStopped && setup.Trainer.StepsDone < setup.Trainer.TotalSteps,
            TokensPerSecond = Math.Round(HarmonicMean(steps.Select(step => step.TokensPerSecond)), 1),
            WallClockSeconds = Math.Round(seconds, 2),
            PeakMemoryMb = Hardware.PeakMemoryMb(),
            WeightsSha256 = checkpoints.WeightsSha256!,
        };
    }

    /// <summary>What is wrong about a run's end, and what to try; null when nothing is.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="trainer">The loop.</param>
    /// <param name="steps">The log, in order.</param>
    /// <param name="results">What it came to.</param>
    public static string? WarningFor(Recipe recipe, Trainer trainer, IReadOnlyList<StepMetrics> steps, TrainingResults results)
    {
        // Where early stopping took the best weights back, the last steps' losses are not theirs.
        double[] losses = results.StoppedEarly ? [] : [.. steps.Select(step => step.Loss)];
        return EndCheck.WarningFor(
            losses, Math.Log(results.TrainPerplexity), recipe.Model.VocabularySize, HealthWatch.SettingsOf(recipe, trainer));
    }

    /// <summary>
    /// The last step of a whole run was validated, and so was the best; the last one of an interrupted run may not have been. Where
    /// steps were validated on a part, a whole run is validated on all at its end.
    /// </summary>
    private static (double Loss, double? Accuracy)? Validation(
        PreparedRun prepared, TrainingSetup setup, CheckpointKeeper checkpoints, IReadOnlyList<StepMetrics> steps)
    {
        if (setup.Trainer.IsDone && prepared.Data is { Validation: { } all } data && data.ValidationWhileTraining != all)
        {
            EvaluationResult whole = setup.Evaluator.Evaluate(all.EvaluationBatches());
            return (whole.Loss, whole.Accuracy);
        }

        if (steps.LastOrDefault(step => step.Step == checkpoints.WeightsStep) is { ValidationLoss: { } loss } line)
        {
            return (loss, line.ValidationAccuracy);
        }

        EvaluationResult? now = setup.Trainer.Validate?.Invoke();
        return now is null ? null : (now.Loss, now.Accuracy);
    }

    /// <summary>Steps are of nearly equal size, so tokens over time is the harmonic mean of their speeds.</summary>
    private static double HarmonicMean(IEnumerable<double> values)
    {
        double count = 0, sum = 0;
        foreach (double value in values)
        {
            count++;
            sum += 1 / value;
        }

        return count == 0 ? 0 : count / sum;
    }
}
