using System.Text.Json;
using Habla.Modeling;
using Habla.Storage;
using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>
/// A checkpoint is a folder: weights.safetensors, optim.safetensors (AdamW's moments), state.json, and COMPLETE with every file's
/// SHA-256, written last. It is made under another name, flushed to disk and renamed, so a folder of the right name is whole.
/// docs/checkpoints.md tells what a crash at each moment leaves.
/// </summary>
public static class Checkpoint
{
    /// <summary>The names of the files in a checkpoint.</summary>
    public const string WeightsFile = "weights.safetensors", OptimizerFile = "optim.safetensors", StateFile = "state.json";

    /// <summary>The marker that is written last.</summary>
    public const string CompleteFile = "COMPLETE";

    private const string FirstMoment = "first_moment.", SecondMoment = "second_moment.";

    /// <summary>Writes a checkpoint; one of the same name is replaced only when the new one is whole.</summary>
    /// <param name="folder">The checkpoint's folder, such as <c>checkpoints/last</c>.</param>
    /// <param name="model">The weights.</param>
    /// <param name="optimizer">The moments.</param>
    /// <param name="state">Where the run stands.</param>
    /// <returns>The SHA-256 of weights.safetensors.</returns>
    /// <exception cref="InvalidInputException">The folder cannot be written; an earlier checkpoint is untouched.</exception>
    public static string Save(string folder, Gpt model, AdamW optimizer, TrainingState state)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(state);
        return Save(folder, CheckpointContent.Of(model, optimizer, state));
    }

    /// <summary>The same, from wherever the numbers are.</summary>
    internal static string Save(string folder, CheckpointContent content)
    {
        folder = Path.TrimEndingDirectorySeparator(folder); // or the temporary folder would lie inside
        string temporary = folder + AtomicFile.TemporarySuffix;
        try
        {
            Recover(folder);
            DeleteFolder(temporary);
            Directory.CreateDirectory(temporary);
            SortedDictionary<string, string> hashes = WriteFiles(temporary, content);
            MoveIntoPlace(temporary, folder);
            return hashes[WeightsFile];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GiveUp(folder, temporary);
            throw new InvalidInputException(
                $"cannot write the checkpoint {folder}: {error.Message} Free some space, or check the folder's permissions; "
                + "the earlier checkpoint is untouched.", error);
        }
    }

    /// <summary>Reads where a run stands, after checking that the checkpoint is whole.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="InvalidInputException">The checkpoint is missing, incomplete, changed, or of another schema.</exception>
    public static TrainingState ReadState(string folder)
    {
        CheckComplete(folder);
        return ParseState(Path.Combine(folder, StateFile));
    }

    /// <summary>What optim.safetensors holds.</summary>
    internal static List<SafetensorsEntry> OptimizerEntries(Gpt model, AdamW optimizer) =>
        OptimizerEntries(model, optimizer.FirstMoments.Data, optimizer.SecondMoments.Data);

    /// <summary>Reads a state.json as it is, whatever else the checkpoint holds.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read or is of another schema.</exception>
    internal static TrainingState ParseState(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            bool hasVersion = json.RootElement.TryGetProperty("schema_version", out JsonElement version);
            if (!hasVersion || version.ValueKind != JsonValueKind.Number
                || !version.TryGetInt32(out int found) || found != TrainingState.CurrentSchemaVersion)
            {
                throw new InvalidInputException(
                    $"{path}: schema_version {TrainingState.CurrentSchemaVersion} expected; "
                        + "resume with the version of Habla that wrote it");
            }

            TrainingState? state = json.Deserialize<TrainingState>(JsonFormat.Document);
            return IsPossible(state) ? state! : throw new JsonException("a part is missing, or a number is below 0");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new InvalidInputException($"{path}: no state of a run ({error.Message}); use another checkpoint", error);
        }
    }

    /// <summary>Puts the weights and moments of a checkpoint into a model and its optimizer.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="model">A model of the checkpoint's configuration.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <returns>Where the run stood.</returns>
    /// <exception cref="InvalidInputException">The checkpoint cannot be used; model and optimizer are then undefined.</exception>
    public static TrainingState Load(string folder, Gpt model, AdamW optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        CheckComplete(folder);
        return LoadVerified(folder, model, optimizer);
    }

    /// <summary>The same for a checkpoint whose files are known to be those that were saved.</summary>
    internal static TrainingState LoadVerified(string folder, Gpt model, AdamW optimizer)
    {
        TrainingState state = ParseState(Path.Combine(folder, StateFile));
        ModelFile.LoadInto(Path.Combine(folder, WeightsFile), model);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, OptimizerFile));
        IEnumerable<string> names = model.Parameters.Parameters.Select(parameter => parameter.Name);
        file.ExpectNoOther([.. names.Select(name => FirstMoment + name), .. names.Select(name => SecondMoment + name)]);
        ModelFile.Fill(file, model.Parameters, FirstMoment, optimizer.FirstMoments.Data);
        ModelFile.Fill(file, model.Parameters, SecondMoment, optimizer.SecondMoments.Data);
        optimizer.UpdateCount = state.OptimizerUpdates;
        return state;
    }

    /// <summary>
    /// Gives the earlier checkpoint its name back when a process died between the two renames that replace it; otherwise does nothing.
    /// </summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="InvalidInputException">It cannot be renamed.</exception>
    internal static void Recover(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string replaced = Path.TrimEndingDirectorySeparator(folder) + CheckpointNames.ReplacedSuffix;
        if (Directory.Exists(folder) || !Directory.Exists(replaced))
        {
            return;
        }

        try
        {
            Directory.Move(replaced, folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{replaced} is a checkpoint that must be renamed to {folder} first: {error.Message}", error);
        }
    }

    /// <summary>
    /// Where a checkpoint lies now: a process that replaces it gives it another name for a moment, and keeps that when it dies then.
    /// </summary>
    /// <param name="folder">The checkpoint's folder.</param>
    internal static string PlaceOf(string folder) =>
        !Directory.Exists(folder) && folder + CheckpointNames.ReplacedSuffix is var replaced && Directory.Exists(replaced)
            ? replaced
            : folder;

    /// <summary>Checks that every file of a checkpoint is there with the bytes that were written.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="InvalidInputException">One is missing or has changed.</exception>
    public static void CheckComplete(string folder)
    {
        if (FindProblem(folder, out _, out bool denied) is { } problem)
        {
            throw new InvalidInputException($"{problem}; {(denied ? "check the permissions there" : AdviceFor(folder))}");
        }
    }

    /// <summary>Says what is wrong with a checkpoint; null when every file has the bytes that were written.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="weightsSha256">The SHA-256 of the weights; null with a problem.</param>
    internal static string? FindProblem(string folder, out string? weightsSha256) => FindProblem(folder, out weightsSha256, out _);

    private static string? FindProblem(string folder, out string? weightsSha256, out bool denied)
    {
        (weightsSha256, denied) = (null, false);
        try
        {
            IReadOnlyDictionary<string, string> hashes = SavedHashes(folder);
            foreach (string name in (string[])[StateFile, WeightsFile, OptimizerFile])
            {
                string path = Path.Combine(folder, name);
                if (!File.Exists(path) || !hashes.TryGetValue(name, out string? expected) || ContentHash.OfFile(path) != expected)
                {
                    return $"{path} is missing or not the file that was saved (its SHA-256 differs)";
                }
            }

            weightsSha256 = hashes[WeightsFile];
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            denied = error is UnauthorizedAccessException;
            return $"{folder} {(denied ? "cannot be read" : "is no complete checkpoint")} ({error.Message.TrimEnd('.')})";
        }
    }

    /// <summary>The checkpoints beside a damaged one that are whole.</summary>
    private static string AdviceFor(string folder)
    {
        string full = Path.GetFullPath(folder);
        string[] whole = Path.GetDirectoryName(full) is { } parent && Directory.Exists(parent)
            ?
            [
                .. Directory.GetDirectories(parent)
                    .Where(other => other != full && !Path.HasExtension(other) && FindProblem(other, out _) is null)
                    .Select(other => Path.GetFileName(other)).Order(StringComparer.Ordinal),
            ]
            : [];
        return whole.Length > 0
            ? $"use another checkpoint: {string.Join(" or ", whole)} {(whole.Length == 1 ? "is" : "are")} whole"
            : "there is no whole one beside it; start the run anew with --force";
    }

    /// <summary>The SHA-256 of each file as it was saved, from the marker.</summary>
    internal static IReadOnlyDictionary<string, string> SavedHashes(string folder) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(Path.Combine(folder, CompleteFile))) ?? [];

    /// <summary>The reader fills in whatever the text says, null included.</summary>
    private static bool IsPossible(TrainingState? state) => state is
    {
        Step: >= 0, OptimizerUpdates: >= 0, Scheduler: { Step: >= 0, TotalSteps: >= 0 }, Data: { Epoch: >= 0, BatchInEpoch: >= 0 },
        TrainingRandom: not null, DataRandom: not null, LossScale: null or { IsPossible: true },
        Tokens: null or >= 0, Health: null or { IsPossible: true },
    };

    /// <summary>
    /// Renames the new folder over the old one; if the process dies in between, the old one is still there as *.replaced.
    /// </summary>
    internal static void MoveIntoPlace(string temporary, string folder)
    {
        string replaced = folder + CheckpointNames.ReplacedSuffix;
        DeleteFolder(replaced);
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, replaced);
        }

        Directory.Move(temporary, folder);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        DeleteFolder(replaced);
    }

    /// <summary>Deletes a checkpoint; of a link to one, the link alone.</summary>
    /// <param name="folder">The checkpoint's folder; it need not exist.</param>
    internal static void DeleteFolder(string folder)
    {
        bool isLink = new DirectoryInfo(folder).LinkTarget is not null, leadsSomewhere = Directory.Exists(folder);
        if (isLink && !leadsSomewhere)
        {
            File.Delete(folder);
        }
        else if (isLink)
        {
            Directory.Delete(folder);
        }
        else if (leadsSomewhere)
        {
            File.Delete(Path.Combine(folder, CompleteFile)); // first: a kill in between must not leave a marker over half a checkpoint
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Every file is flushed to disk, the marker after the others, and the names last.</summary>
    private static SortedDictionary<string, string> WriteFiles(string temporary, CheckpointContent content)
    {
        List<SafetensorsEntry> moments = OptimizerEntries(content.Model, content.FirstMoments, content.SecondMoments);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [WeightsFile] = HashedFile.Write(
                Path.Combine(temporary, WeightsFile), stream => ModelFile.Write(stream, content.Model, content.Weights)),
            [OptimizerFile] = HashedFile.Write(Path.Combine(temporary, OptimizerFile), stream => SafetensorsWriter.Write(stream, moments)),
            [StateFile] = HashedFile.Write(Path.Combine(temporary, StateFile), stream => WriteJson(stream, content.State)),
        };
        HashedFile.Write(Path.Combine(temporary, CompleteFile), stream => WriteJson(stream, hashes));
        FolderSync.Flush(temporary);
        return hashes;
    }

    private static void WriteJson<T>(Stream stream, T value)
    {
        JsonSerializer.Serialize(stream, value, JsonFormat.Document);
        stream.WriteByte((byte)'\n');
    }

    private static List<SafetensorsEntry> OptimizerEntries(Gpt model, ModelFile.SpanOf first, ModelFile.SpanOf second) =>
        [.. ModelFile.Entries(model.Parameters, FirstMoment, first), .. ModelFile.Entries(model.Parameters, SecondMoment, second)];

    /// <summary>The earlier checkpoint gets its name back, and a full disk what the new one has taken of it.</summary>
    private static void GiveUp(string folder, string temporary)
    {
        try
        {
            Recover(folder);
            DeleteFolder(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidInputException)
        {
            // The first failure is the one worth telling; whoever resumes looks under both names.
        }
    }
}
