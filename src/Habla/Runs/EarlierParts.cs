using Habla.Checkpoints;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>What the parts of a resumed run that came before this one have left; a new run has none.</summary>
internal static class EarlierParts
{
    /// <summary>Whether they came to the run's end and wrote all of it down; its results stand.</summary>
    /// <param name="prepared">The run.</param>
    /// <param name="trainer">Its loop, resumed.</param>
    /// <param name="checkpoints">Its checkpoints, resumed.</param>
    public static bool HaveEnded(PreparedRun prepared, Trainer trainer, CheckpointKeeper checkpoints)
    {
        RunFolder folder = prepared.Folder;
        if (!prepared.Resumes || !File.Exists(folder.ReadmeFile) || !File.Exists(folder.MetricsFile)
            || Manifest.Read(folder.ManifestFile).Status != RunStatus.Finished || Results(prepared) is not { } results)
        {
            return false;
        }

        if (!trainer.EarlyStopping.IsOn)
        {
            return trainer.StepsDone == trainer.TotalSteps && checkpoints.IsSaved;
        }

        // Its last checkpoint is the best, so that one's step does not tell.
        return (results.StoppedEarly || results.Steps == trainer.TotalSteps)
            && Checkpoint.FindProblem(checkpoints.LastFolder, out _) is null;
    }

    /// <summary>
    /// Steps they did, and the seconds they took as far as they ended by themselves: one that was killed has left no word of its time.
    /// </summary>
    /// <param name="prepared">The run.</param>
    /// <param name="trainer">Its loop, resumed.</param>
    public static (int Steps, double Seconds, bool Killed) Took(PreparedRun prepared, Trainer trainer)
    {
        TrainingResults? results = Results(prepared);
        return (trainer.StepsDone, results?.WallClockSeconds ?? 0, results?.Steps != trainer.StepsDone);
    }

    /// <summary>
    /// Results with the measurements of the part that came to the same end and was killed while it wrote that down; otherwise as they are.
    /// </summary>
    /// <param name="prepared">The run.</param>
    /// <param name="results">What it came to, computed now.</param>
    public static TrainingResults Measured(PreparedRun prepared, TrainingResults results)
    {
        TrainingResults? before = Results(prepared);
        return before?.Steps != results.Steps || before.WeightsSha256 != results.WeightsSha256 ? results : results with
        {
            TokensPerSecond = before.TokensPerSecond, WallClockSeconds = before.WallClockSeconds, PeakMemoryMb = before.PeakMemoryMb,
        };
    }

    private static TrainingResults? Results(PreparedRun prepared) =>
        prepared.Resumes ? TrainingResults.ReadIfThere(prepared.Folder.ResultsFile) : null;
}
