using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Runs;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Experiments;

/// <summary>What a planned run's folder holds already, and so what there is to do.</summary>
internal static class PlannedRunFolder
{
    /// <summary>How the run in the folder stands.</summary>
    /// <exception cref="InvalidInputException">The manifest cannot be read.</exception>
    public static ExperimentRunState StateOf(PlannedRun run) => !File.Exists(ManifestOf(run))
        ? ExperimentRunState.Pending
        : Manifest.Read(ManifestOf(run)).Status switch
        {
            RunStatus.Finished => ExperimentRunState.Finished,
            RunStatus.Failed => ExperimentRunState.Failed,
            _ => ExperimentRunState.Interrupted, // or killed before it could say so
        };

    /// <summary>Whether the run kept the state before a step that it could not make.</summary>
    public static bool HasDiverged(PlannedRun run) =>
        Directory.Exists(Path.Combine(FolderOf(run).CheckpointsFolder, CheckpointNames.Diverged));

    /// <summary>How to begin, or go on with, a run that is not finished.</summary>
    public static ExistingRun Entry(PlannedRun run)
    {
        string last = Path.Combine(FolderOf(run).CheckpointsFolder, CheckpointNames.Last);
        return StateOf(run) switch
        {
            ExperimentRunState.Pending => ExistingRun.Refuse,
            // A checkpoint that was being replaced is put back when it is read.
            ExperimentRunState.Interrupted when Directory.Exists(Checkpoint.PlaceOf(last)) => ExistingRun.Resume,
            _ => ExistingRun.Replace, // killed before its first checkpoint, failed, or of another recipe
        };
    }

    /// <summary>What in the folder is not of this run: its recipe and data, as far as they differ; empty when all is the same.</summary>
    /// <exception cref="InvalidInputException">A file of the run cannot be read.</exception>
    public static IReadOnlyList<string> DifferencesTo(PlannedRun run)
    {
        string config = FolderOf(run).ConfigFile;
        if (!File.Exists(ManifestOf(run)) || !File.Exists(config))
        {
            return [];
        }

        IReadOnlyDictionary<string, string> before = Manifest.Read(ManifestOf(run)).DataSha256;
        return
        [
            .. RecipeDifference.Between(RecipeReader.Read(config), run.Recipe).Select(difference => difference.ToString()),
            .. RunData.FilesOf(run.Recipe)
                .Where(file => before.TryGetValue(file, out string? hash) && hash != ContentHash.OfFile(file))
                .Select(file => $"{file} has another SHA-256"),
        ];
    }

    /// <summary>A run killed while it made its folder has left no manifest yet, and nothing of worth.</summary>
    public static void ClearUnbegun(PlannedRun run)
    {
        if (Directory.Exists(run.Folder) && !File.Exists(ManifestOf(run)))
        {
            foreach (string file in (string[])[FolderOf(run).ConfigFile, FolderOf(run).TokenizerFile])
            {
                File.Delete(file);
                File.Delete(file + AtomicFile.TemporarySuffix);
            }

            File.Delete(ManifestOf(run) + AtomicFile.TemporarySuffix);
        }
    }

    private static string ManifestOf(PlannedRun run) => FolderOf(run).ManifestFile;

    private static RunFolder FolderOf(PlannedRun run) => RunFolder.At(run.Folder);
}
