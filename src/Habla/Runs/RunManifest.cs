using System.Text.Json;
using Habla.Configuration;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>The manifest that a run begins with.</summary>
internal static class RunManifest
{
    /// <summary>
    /// A new run's; or a resumed run's, which keeps how it was started and adds what has changed since, and how it goes on.
    /// </summary>
    /// <param name="prepared">The run.</param>
    /// <param name="trainer">Its loop, before the first step of this part.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidInputException">The manifest of a resumed run cannot be read.</exception>
    public static Manifest Begin(PreparedRun prepared, Trainer trainer, TimeProvider time)
    {
        Manifest manifest = New(prepared, trainer, time);
        if (!prepared.Resumes)
        {
            return manifest;
        }

        Manifest before = Manifest.Read(prepared.Folder.ManifestFile);
        ManifestChange[] changes =
        [
            .. before.Changes ?? [],
            .. prepared.Changes.Select(change => new ManifestChange(trainer.StepsDone, change.Key.Path, change.Before, change.After)),
        ];
        return manifest with
        {
            GitSha = before.GitSha,
            Versions = before.Versions,
            Hardware = before.Hardware,
            Threads = before.Threads,
            CommandLine = before.CommandLine,
            StartedAt = before.StartedAt,
            Changes = changes.Length > 0 ? changes : null,
            Resumed = [.. before.Resumed ?? [], ManifestPart.Of(manifest, trainer.StepsDone)],
        };
    }

    private static Manifest New(PreparedRun prepared, Trainer trainer, TimeProvider time) => new()
    {
        Seed = prepared.Recipe.Training.Seed,
        DataSeed = prepared.Recipe.Training.DataSeed,
        GitSha = GitCommit.Of(Environment.CurrentDirectory),
        Config = RecipeWriter.ToJson(prepared.Recipe),
        ParameterGroups = trainer.Optimizer.Groups is { Count: > 0 } groups
            ? JsonSerializer.SerializeToNode(groups, JsonFormat.Line)!.AsArray()
            : null,
        DataSha256 = prepared.Data.FileHashes,
        TokenizerSha256 = prepared.Data.Tokenizer.Fingerprint,
        Threads = prepared.Options.Threads,
        CommandLine = prepared.Options.CommandLine,
        StartedAt = time.GetUtcNow(),
    };
}
