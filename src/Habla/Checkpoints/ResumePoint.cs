using Habla.Storage;

namespace Habla.Checkpoints;

/// <summary>The newest checkpoint of a run that can be trusted, and those that cannot. Looking for it changes nothing on disk.</summary>
/// <param name="Folder">Where it lies, under whatever name; null when the run was stopped before it had saved anything.</param>
/// <param name="Name">The name it belongs to: <c>last</c>, <c>best</c> or <c>step-N</c>; null without one.</param>
/// <param name="WeightsSha256">The SHA-256 of its weights, which their bytes have; null without one.</param>
/// <param name="Skipped">What was passed over, and why; newest first.</param>
public sealed record ResumePoint(string? Folder, string? Name, string? WeightsSha256, IReadOnlyList<string> Skipped)
{
    /// <summary>
    /// Goes through the checkpoints from the newest on until one has every byte that was saved. One that a killed process left under
    /// a passing name (<c>*.replaced</c>, or <c>*.partial</c> with everything in it) counts too.
    /// </summary>
    /// <param name="checkpoints">The run's <c>checkpoints</c> folder; it need not exist.</param>
    /// <exception cref="InvalidInputException">There are checkpoints, and none of them can be used.</exception>
    public static ResumePoint Find(string checkpoints)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpoints);
        List<string> skipped = [];
        bool anyWasWhole = false;
        foreach (Candidate candidate in Candidates(checkpoints))
        {
            if (Checkpoint.FindProblem(candidate.Folder, out string? weights) is not { } problem)
            {
                return new ResumePoint(candidate.Folder, candidate.Name, weights, skipped);
            }

            bool halfWritten = candidate.IsPartial && !File.Exists(Path.Combine(candidate.Folder, Checkpoint.CompleteFile));
            skipped.Add(halfWritten ? $"{candidate.Folder} was still being written when the run ended" : problem);
            anyWasWhole |= !halfWritten;
        }

        return anyWasWhole
            ? throw new InvalidInputException(
                $"{checkpoints} has no checkpoint that can be used: {string.Join("; ", skipped)}. "
                + "Put the original files back, or start the run anew with --force.")
            : new ResumePoint(null, null, null, skipped);
    }

    /// <summary>
    /// Gives the checkpoint its own name when it has another, and sweeps away what was not written to its end. Only the process that
    /// has the run's lock may do so.
    /// </summary>
    /// <param name="checkpoints">The run's <c>checkpoints</c> folder.</param>
    /// <exception cref="InvalidInputException">A folder cannot be renamed or deleted.</exception>
    internal void TidyUp(string checkpoints)
    {
        try
        {
            if (Folder is not null && Path.Combine(checkpoints, Name!) is var proper && Folder != proper)
            {
                if (Folder == proper + CheckpointNames.ReplacedSuffix)
                {
                    Checkpoint.DeleteFolder(proper); // newer, but damaged
                    Directory.Move(Folder, proper);
                }
                else
                {
                    Checkpoint.MoveIntoPlace(Folder, proper);
                }
            }

            foreach (string folder in Directory.Exists(checkpoints)
                ? Directory.GetDirectories(checkpoints, "*" + AtomicFile.TemporarySuffix)
                : [])
            {
                Checkpoint.DeleteFolder(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{checkpoints}: cannot put the checkpoints in order: {error.Message}", error);
        }
    }

    /// <summary>By step, newest first; of one step, first what stands under its own name.</summary>
    private static IEnumerable<Candidate> Candidates(string checkpoints) =>
        (Directory.Exists(checkpoints) ? Directory.GetDirectories(checkpoints) : [])
            .Select(Candidate.Of).OfType<Candidate>()
            .OrderByDescending(candidate => candidate.Step).ThenBy(candidate => candidate.Rank)
            .ThenBy(candidate => candidate.Folder, StringComparer.Ordinal);

    /// <summary>A folder that is or was to be a checkpoint; its step is what its state says, which nobody has vouched for yet.</summary>
    private sealed record Candidate(string Folder, string Name, bool IsPartial, int Step)
    {
        public int Rank => (Path.GetFileName(Folder) == Name ? 0 : 3) + (Name switch
        {
            CheckpointNames.Last => 0,
            CheckpointNames.Best => 2,
            _ => 1,
        });

        public static Candidate? Of(string folder)
        {
            string name = CheckpointNames.WithoutSuffix(Path.GetFileName(folder));
            bool partial = folder.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal);
            return CheckpointNames.IsName(name) && name != CheckpointNames.Diverged
                ? new Candidate(folder, name, partial, StepOf(folder) ?? CheckpointNames.StepOf(name) ?? int.MaxValue)
                : null;
        }

        /// <summary>Without a state nobody knows how new it is: it is looked at first, and told of.</summary>
        private static int? StepOf(string folder)
        {
            try
            {
                return Checkpoint.ParseState(Path.Combine(folder, Checkpoint.StateFile)).Step;
            }
            catch (InvalidInputException)
            {
                return null;
            }
        }
    }
}
