using Habla.Configuration;
using Habla.Tokenization;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>What must be as it was when a run goes on, and what may change when its user says so.</summary>
internal static class ResumeRules
{
    /// <summary>Keys that decide what is told and kept, and no number of the model; val_every does too with early stopping.</summary>
    private static readonly string[] s_always =
    [
        "training.val_every", "training.log_every", "checkpoint.every", "checkpoint.keep", "checkpoint.best",
        "tracking.mlflow.uri", "tracking.mlflow.experiment",
    ];

    /// <summary>The length of the run, as long as neither a step nor a validation so far depended on it.</summary>
    private static readonly string[] s_atAConstantRate = ["scheduler.total_steps", "training.epochs"];

    /// <summary>Refuses a recipe that differs in anything that was not allowed to change.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="recipe">The recipe to go on with.</param>
    /// <param name="allowed">The keys that may change.</param>
    /// <returns>What has changed.</returns>
    /// <exception cref="InvalidInputException">A key changed that was not allowed to, or one was allowed that never may.</exception>
    public static IReadOnlyList<RecipeDifference> RefuseChanges(RunFolder folder, Recipe recipe, IReadOnlyList<string> allowed)
    {
        if (!File.Exists(folder.ConfigFile) || !File.Exists(folder.TokenizerFile))
        {
            throw new InvalidInputException(
                $"{folder.Path}: the run was stopped before it had written its recipe and tokenizer, so there is nothing to resume; "
                + "start it again with --force");
        }

        Recipe before = RecipeReader.Read(folder.ConfigFile);
        RefuseUnsafe(allowed, before, recipe);
        IReadOnlyList<RecipeDifference> changes = RecipeDifference.Between(before, recipe);
        if (changes.All(change => allowed.Contains(change.Key.Path)))
        {
            return changes;
        }

        string[] could =
            [.. changes.Select(change => change.Key.Path).Where(key => !allowed.Contains(key) && MayChange(key, before, recipe))];
        string hint = could.Length == 0
            ? ""
            : $" What may change when you say so: {string.Join(' ', could.Select(key => $"--allow-change {key}"))}.";
        throw new InvalidInputException(
            $"{folder.Path}: a resumed run keeps its recipe, but these keys differ from {folder.ConfigFile}: "
            + $"{string.Join("; ", changes)}. Resume with the same recipe, or start a new run.{hint}");
    }

    /// <summary>
    /// Reads the run's tokenizer, and refuses another: its texts would be other numbers than those that the weights have learned.
    /// </summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or is not the one that the run began with.</exception>
    public static Tokenizer SameTokenizer(RunFolder folder)
    {
        var tokenizer = Tokenizer.Load(folder.TokenizerFile);
        return Manifest.Read(folder.ManifestFile).TokenizerSha256 is { } before && before != tokenizer.Fingerprint
            ? throw new InvalidInputException(
                $"{folder.TokenizerFile} has changed since the run began: its SHA-256 is {tokenizer.Fingerprint}, the manifest's "
                + $"tokenizer_sha256 is {before}; put the original file back, or start a new run.")
            : tokenizer;
    }

    /// <summary>Refuses data that is not what the run has learned from so far.</summary>
    /// <exception cref="InvalidInputException">A file has changed.</exception>
    public static void RefuseOtherData(RunFolder folder, RunData data)
    {
        if (data.ChangedSince(Manifest.Read(folder.ManifestFile)).FirstOrDefault() is { } path)
        {
            throw new InvalidInputException(
                $"{path} has changed since the run in {folder.Path} began (its SHA-256 differs from the manifest's); "
                + "resume with the same file, or start a new run.");
        }
    }

    /// <summary>Refuses a length that the run has passed already.</summary>
    /// <exception cref="InvalidInputException">It has.</exception>
    public static void RefuseTooShort(RunFolder folder, Trainer trainer)
    {
        if (trainer.StepsDone > trainer.TotalSteps)
        {
            throw new InvalidInputException(
                $"{folder.Path}: {trainer.StepsDone} steps are done, more than the {trainer.TotalSteps} that the recipe now asks for; "
                + "give it a length of at least as many");
        }
    }

    private static void RefuseUnsafe(IReadOnlyList<string> allowed, Recipe before, Recipe after)
    {
        foreach (string key in allowed.Where(key => !MayChange(key, before, after)))
        {
            string why = ConfigurationSchema.Find(key) is null
                ? $"there is no such key{NearestName.Hint(key, [.. s_always, .. s_atAConstantRate])}"
                : StopsEarly(before) && s_atAConstantRate.Contains(key)
                ? "with training.early_stopping.patience the validation after the former last step counts as waiting, so a run that had "
                    + "this length from the start would have come to other weights"
                : "a run with another value would have come to other weights";
            throw new InvalidInputException(
                $"--allow-change {key}: {why}. What may change: {string.Join(", ", s_always)}, all of tracking, and with "
                + $"scheduler.type constant and no early stopping also {string.Join(" and ", s_atAConstantRate)}.");
        }
    }

    private static bool StopsEarly(Recipe recipe) => recipe.Training.EarlyStoppingPatience > 0;

    private static bool MayChange(string key, Recipe before, Recipe after) =>
        (s_always.Contains(key) && (key != "training.val_every" || !StopsEarly(before)))
        || (key.StartsWith("tracking.", StringComparison.Ordinal) && ConfigurationSchema.Find(key) is not null)
        || (s_atAConstantRate.Contains(key) && !StopsEarly(before) && before.Scheduler.Type == ScheduleKind.Constant
        && after.Scheduler.Type == ScheduleKind.Constant);
}
