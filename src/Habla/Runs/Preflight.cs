using Habla.Configuration;
using Habla.Data;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>
/// Tells what a run will take, before it begins: makes a copy of everything that computes it, takes a few steps with that, and throws
/// it away. The run itself is not touched, so no bit of it changes.
/// </summary>
internal static class Preflight
{
    /// <summary>Runs of fewer steps are not worth it: measuring would take longer than a twentieth of them.</summary>
    public const int LeastSteps = 100;

    private const int MeasuredSteps = 3;

    // The first steps of a process wait for the compiler. Steps of a big model hide that; small ones are given time.
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(0.5), _measured = TimeSpan.FromSeconds(0.3);

    /// <summary>Measures; null for a run that is too short, or one that diverges at once, which it had better tell itself.</summary>
    /// <param name="prepared">Recipe and data, where the run will write, and on how many threads it will compute.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="OperationCanceledException">The options' <see cref="TrainingRunOptions.Stop"/> asked for it.</exception>
    public static PreflightEstimate? Measure(PreparedRun prepared, TimeProvider time)
    {
        try
        {
            return MeasureCopy(prepared, time);
        }
        catch (TrainingDivergedException)
        {
            return null;
        }
    }

    private static PreflightEstimate? MeasureCopy(PreparedRun prepared, TimeProvider time)
    {
        (Recipe recipe, RunData data, TrainingRunOptions options) = (prepared.Recipe, prepared.Data, prepared.Options);
        using var copy = new TrainingSetup(recipe, data, options.Threads, time);
        int steps = copy.Trainer.TotalSteps;
        if (steps < LeastSteps)
        {
            return null;
        }

        options.BeforePreflight?.Invoke(data, copy.Trainer, prepared.BaselinePerplexity);
        copy.Initialize();
        copy.Trainer.Validate = null;
        void Step()
        {
            options.Stop.ThrowIfCancellationRequested();
            copy.Trainer.Step();
        }

        int most = steps / 20; // a twentieth of the run for warming up, and as much for measuring
        Repeat(Step, 1, most, _warmUp, time);
        (int measured, double seconds) = Repeat(Step, MeasuredSteps, most, _measured, time);
        options.Stop.ThrowIfCancellationRequested();
        (long activations, long gradients) = copy.Trainer.Gradient.MemoryBytes;
        double validationSeconds = data.ValidationWhileTraining is { } validation
            ? EvaluationSeconds(copy, validation, options.Threads, time)
            : 0;
        double trainSeconds = EvaluationSeconds(copy, data.TrainForEvaluation(), options.Threads, time);
        if (data.Validation is { } all && data.ValidationWhileTraining != all)
        {
            trainSeconds += EvaluationSeconds(copy, all, options.Threads, time); // at the end as well: steps saw a part only
        }

        options.Stop.ThrowIfCancellationRequested();
        return new PreflightEstimate
        {
            Parameters = copy.Model.Parameters.Count,
            Steps = steps,
            StepMilliseconds = Math.Round(1000 * seconds / measured, 4),
            MeasuredSteps = measured,
            ValidationSeconds = validationSeconds,
            Validations = data.Validation is null ? 0 : Occasions(steps, recipe.Training.ValidateEvery),
            TrainEvaluationSeconds = trainSeconds,
            GradientsMb = PreflightEstimate.Megabytes(gradients),
            ActivationsMb = PreflightEstimate.Megabytes(activations),
            MeasuredMemoryMb = Hardware.PeakMemoryMb(),
            GrowthMb = MemoryGrowth.Megabytes(steps, recipe.Tracking),
            MemoryAvailableMb = Hardware.Current.MemoryMb,
            Checkpoints = CheckpointsAtMost(recipe, data),
            DiskFreeMb = FreeDiskMb(options.Folder),
        };
    }

    /// <summary>Does the work so many times, and again until some time has passed or it was done often enough.</summary>
    internal static (int Times, double Seconds) Repeat(Action work, int atLeast, int atMost, TimeSpan until, TimeProvider time)
    {
        long start = time.GetTimestamp();
        int times = 0;
        while (times < atLeast || (times < atMost && time.GetElapsedTime(start) < until))
        {
            work();
            times++;
        }

        return (times, time.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>How often something that happens every so many steps, and at the end, happens.</summary>
    internal static int Occasions(int steps, int every) => (steps + every - 1) / every;

    /// <summary>One group of batches is timed, and stands for all.</summary>
    private static double EvaluationSeconds(TrainingSetup copy, SequenceDataset data, int threads, TimeProvider time)
    {
        Batch[] some = [.. data.EvaluationBatches().Take(4 * threads)];
        copy.Evaluator.Evaluate(some[..1]);
        long start = time.GetTimestamp();
        copy.Evaluator.Evaluate(some);
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        return Math.Round(seconds * data.Count / some.Sum(batch => batch.BatchSize), 7);
    }

    /// <summary>last, best, those that are kept, and the one being written beside them.</summary>
    private static int CheckpointsAtMost(Recipe recipe, RunData data) =>
        2 + (recipe.Checkpoint.Best && data.Validation is not null ? 1 : 0) + recipe.Checkpoint.Keep;

    private static double? FreeDiskMb(string folder)
    {
        try
        {
            return ExistingPath.NearestTo(Path.GetFullPath(folder)) is { } place
                ? PreflightEstimate.Megabytes(new DriveInfo(place).AvailableFreeSpace)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a place that the system tells nothing about, such as some network drives
        }
    }
}
