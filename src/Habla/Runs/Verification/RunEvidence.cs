using Habla.Checkpoints;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Runs.Verification;

/// <summary>What a run has left that a replay can be held against.</summary>
/// <param name="Log">The lines of its log; empty when it was deleted.</param>
/// <param name="Checkpoints">Its checkpoints, by step.</param>
/// <param name="End">The hash of the weights that the manifest ends with, and the step it belongs to; null without one.</param>
/// <param name="LastStep">The last step that any of it tells of.</param>
internal sealed record RunEvidence(
    IReadOnlyList<StepMetrics> Log, IReadOnlyList<SavedCheckpoint> Checkpoints, (int Step, string Hash)? End, int LastStep)
{
    /// <summary>Collects it; the folder is only read.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="totalSteps">Steps that its recipe makes.</param>
    /// <exception cref="InvalidInputException">
    /// There is nothing, a file cannot be read, or one tells of more steps than the recipe makes.
    /// </exception>
    public static RunEvidence Read(RunFolder folder, Manifest manifest, int totalSteps)
    {
        IReadOnlyList<StepMetrics> log = File.Exists(folder.LogFile) ? MetricLog.Read(folder.LogFile) : [];
        IReadOnlyList<SavedCheckpoint> checkpoints = SavedCheckpoint.In(folder.CheckpointsFolder);
        (int Step, string Hash)? end = EndOf(manifest, log, checkpoints, totalSteps);
        (string Where, int Step)[] places =
        [
            .. log.Select(line => (folder.LogFile, line.Step)),
            .. checkpoints.Select(checkpoint => (checkpoint.Folder, checkpoint.Step)),
            .. end is { Step: var step } ? [(folder.ManifestFile, step)] : ((string, int)[])[],
        ];
        if (places.Length == 0)
        {
            throw new InvalidInputException(
                $"{folder.Path}: the run has recorded no step and no checkpoint, so there is nothing to verify");
        }

        (string where, int last) = places.MaxBy(place => place.Step);
        return last <= totalSteps
            ? new RunEvidence(log, checkpoints, end, last)
            : throw new InvalidInputException(
                $"{where} tells of step {last}, but the recipe in {folder.ConfigFile} makes {totalSteps} steps; "
                    + "the two are not of one run");
    }

    /// <summary>Whether weights were kept of a step up to this one.</summary>
    public bool HasWeightsUpTo(int step) => Checkpoints.Any(checkpoint => checkpoint.Step <= step) || End?.Step <= step;

    /// <summary>Steps up to this one that the log has no line for.</summary>
    public int StepsWithoutLine(int step) => Enumerable.Range(1, step).Except(Log.Select(line => line.Step)).Count();

    /// <summary>The manifest's hash is that of <c>last</c>; where this was deleted, the way the run ended tells the step.</summary>
    private static (int Step, string Hash)? EndOf(
        Manifest manifest, IReadOnlyList<StepMetrics> log, IReadOnlyList<SavedCheckpoint> checkpoints, int totalSteps)
    {
        int? step = checkpoints.FirstOrDefault(checkpoint => checkpoint.Name == CheckpointNames.Last)?.Step
            ?? manifest.Status switch
            {
                RunStatus.Finished => manifest.WeightsStep ?? totalSteps,
                RunStatus.Interrupted => log is [.., var newest] ? newest.Step : null,
                _ => null,
            };
        return step is { } end && manifest.WeightsSha256 is { } hash ? (end, hash) : null;
    }
}
