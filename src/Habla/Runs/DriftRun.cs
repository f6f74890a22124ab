using Habla.Configuration;
using Habla.Data;
using Habla.Evaluation;
using Habla.Plotting;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>What 16-bit numbers do to a trained model, from its run to a folder with the result.</summary>
public static class DriftRun
{
    /// <summary>The numbers.</summary>
    public const string ResultsFileName = "drift_results.json";

    /// <summary>The picture: error by layer.</summary>
    public const string PlotFileName = "drift_per_layer.png";

    /// <summary>The positions where the likeliest token changed, with their text.</summary>
    public const string FlipsFileName = "argmax_flips.md";

    /// <summary>Compares, and writes manifest.json, drift_results.json, drift_per_layer.png and argmax_flips.md.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="dataPath">What to predict; null for the run's validation data.</param>
    /// <param name="types">The 16-bit types; at least one.</param>
    /// <param name="folder">The folder to write.</param>
    /// <param name="existing">What to do when the folder holds something.</param>
    /// <param name="commandLine">The command, for the manifest.</param>
    /// <param name="time">The clock.</param>
    /// <param name="gnuplot">Draws the picture.</param>
    /// <returns>A result for each type, and a line that says why there is no picture, or null.</returns>
    /// <exception cref="InvalidInputException">The data or the folder cannot be used; nothing is changed then.</exception>
    public static (IReadOnlyList<PrecisionDrift> Results, string? Skipped) Execute(
        SavedModel trained, string? dataPath, IReadOnlyList<DriftType> types, string folder, ExistingRun existing,
        IReadOnlyList<string> commandLine, TimeProvider time, Gnuplot gnuplot)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(types);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(gnuplot);
        RunFolder target = RunFolder.Plan(folder, existing);
        if (Directory.Exists(target.CheckpointsFolder))
        {
            throw new InvalidInputException($"{folder} holds a training run with checkpoints; choose another folder");
        }

        RecordedRun run = trained.RequireRun("the seeds and the recipe");
        (SequenceDataset data, IReadOnlyDictionary<string, string> hashes) = DataOf(run, dataPath);
        var manifest = new Manifest
        {
            Seed = run.Recipe.Training.Seed,
            DataSeed = run.Recipe.Training.DataSeed,
            GitSha = GitCommit.Of(Environment.CurrentDirectory),
            Config = RecipeWriter.ToJson(run.Recipe),
            DataSha256 = hashes,
            TokenizerSha256 = trained.Tokenizer.Fingerprint,
            CommandLine = commandLine,
            StartedAt = time.GetUtcNow(),
        };
        PrecisionDrift[] results = [.. types.Select(type => PrecisionDrift.Of(trained.Model, data, type))];
        target.Create();
        manifest.Write(target.ManifestFile);
        JsonFormat.WriteFile(Path.Combine(folder, ResultsFileName), new
        {
            weights = trained.WeightsFile, weights_sha256 = ContentHash.OfFile(trained.WeightsFile), data = hashes, results,
        });
        string? skipped = gnuplot.Draw(Path.Combine(folder, PlotFileName), DriftReport.Plots(results));
        AtomicFile.WriteText(Path.Combine(folder, FlipsFileName), DriftReport.Flips(results, data, trained.Tokenizer));
        manifest.Ended(RunStatus.Finished, time, ContentHash.OfFile(trained.WeightsFile)).Write(target.ManifestFile);
        return (results, skipped);
    }

    private static (SequenceDataset Data, IReadOnlyDictionary<string, string> Hashes) DataOf(RecordedRun run, string? path)
    {
        if (path is not null)
        {
            SequenceDataset named = RunData.LoadForEvaluation(path, run.Tokenizer, run.Recipe);
            return (named, new Dictionary<string, string> { [path] = ContentHash.OfFile(path) });
        }

        RunData data = RunData.Load(run.Recipe, run.Tokenizer);
        return data.Validation is { } validation
            ? (validation, data.FileHashes)
            : throw new InvalidInputException("the run has no validation data: name a file with --data");
    }
}
