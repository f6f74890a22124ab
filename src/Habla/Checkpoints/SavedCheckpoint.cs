using System.Text.Json;
using Habla.Storage;

namespace Habla.Checkpoints;

/// <summary>
/// A checkpoint as it lies on disk, to be held against a replay: it is read and never repaired, and its files may be damaged.
/// </summary>
/// <param name="Name">Its name: <c>last</c>, <c>best</c>, <c>diverged</c> or <c>step-N</c>.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="Step">The updates that its state.json tells of.</param>
/// <param name="Hashes">SHA-256 of weights and moments as they are now, by file name.</param>
/// <param name="SavedHashes">The same as the marker says they were saved; empty without a sound marker.</param>
internal sealed record SavedCheckpoint(
    string Name, string Folder, int Step, IReadOnlyDictionary<string, string> Hashes, IReadOnlyDictionary<string, string> SavedHashes)
{
    private static readonly string[] s_files = [Checkpoint.WeightsFile, Checkpoint.OptimizerFile];

    /// <summary>Whether a file is no longer the one that was saved.</summary>
    public bool IsChanged => Hashes.Any(file => SavedHashes.TryGetValue(file.Key, out string? saved) && saved != file.Value);

    /// <summary>Finds every checkpoint of a run.</summary>
    /// <param name="folder">The run's <c>checkpoints</c> folder; it need not exist.</param>
    /// <returns>The checkpoints by step, then by name.</returns>
    /// <exception cref="InvalidInputException">A checkpoint lacks a file, or one cannot be read.</exception>
    public static IReadOnlyList<SavedCheckpoint> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return
        [
            .. Directory.GetDirectories(folder).Select(path => (Name: NameOf(path), Path: path))
                .Where(found => CheckpointNames.IsName(found.Name))
                .Select(found => Read(found.Name, found.Path))
                .OrderBy(checkpoint => checkpoint.Step).ThenBy(checkpoint => checkpoint.Name, StringComparer.Ordinal),
        ];
    }

    private static SavedCheckpoint Read(string name, string folder)
    {
        try
        {
            int step = Checkpoint.ParseState(Path.Combine(folder, Checkpoint.StateFile)).Step;
            return new SavedCheckpoint(
                name, folder, step, s_files.ToDictionary(file => file, file => ContentHash.OfFile(Path.Combine(folder, file))),
                Saved(folder));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"{folder}: this checkpoint cannot be read ({error.Message.TrimEnd('.')}); put the missing file back, "
                    + "or take the checkpoint out of the run",
                error);
        }
    }

    private static IReadOnlyDictionary<string, string> Saved(string folder)
    {
        try
        {
            return Checkpoint.SavedHashes(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Dictionary<string, string>(); // it only tells whether a file was changed later
        }
    }

    /// <summary>A crash between two renames leaves a checkpoint as <c>*.replaced</c>; it counts as long as there is no newer one.</summary>
    private static string NameOf(string path) =>
        path.EndsWith(CheckpointNames.ReplacedSuffix, StringComparison.Ordinal) && CheckpointNames.WithoutSuffix(path) is var proper
        && !Directory.Exists(proper)
            ? Path.GetFileName(proper)
            : Path.GetFileName(path);
}
