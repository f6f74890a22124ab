using System.Globalization;
using Habla.Baselines;
using Habla.Configuration;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>
/// The n-gram baselines of a recipe, from its files to a folder with the result: the same data, filter and tokenizer as a training
/// run of that recipe, so that the perplexities can be compared.
/// </summary>
public static class BaselineRun
{
    /// <summary>Counts, tunes, scores, and writes results.json, perplexity_vs_n.png, manifest.json and README.md.</summary>
    /// <param name="recipe">The recipe; only its data, its tokenizer and the model's context matter.</param>
    /// <param name="folder">The folder to write.</param>
    /// <param name="existing">What to do when the folder holds something.</param>
    /// <param name="commandLine">The command, for the manifest and the README.</param>
    /// <param name="time">The clock.</param>
    /// <param name="gnuplot">Draws the picture.</param>
    /// <returns>The result, and a line that says why there is no picture, or null.</returns>
    /// <exception cref="InvalidInputException">
    /// The data cannot be used or has no validation part, or the folder cannot be written; nothing is changed then.
    /// </exception>
    public static (BaselineResult Result, string? Skipped) Execute(
        Recipe recipe, string folder, ExistingRun existing, IReadOnlyList<string> commandLine, TimeProvider time, Gnuplot gnuplot)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(time);
        RunFolder target = RunFolder.Plan(folder, existing);
        if (Directory.Exists(target.CheckpointsFolder))
        {
            throw new InvalidInputException($"{folder} holds a training run with checkpoints; choose another folder for the baseline");
        }

        using RunData data = RunData.Load(recipe);
        var manifest = new Manifest
        {
            Seed = recipe.Training.Seed,
            DataSeed = recipe.Training.DataSeed,
            GitSha = GitCommit.Of(Environment.CurrentDirectory),
            Config = RecipeWriter.ToJson(recipe),
            DataSha256 = data.FileHashes,
            TokenizerSha256 = data.Tokenizer.Fingerprint,
            CommandLine = commandLine,
            StartedAt = time.GetUtcNow(),
        };

        BaselineResult result = data.Baseline();
        target.Create();
        manifest.Write(target.ManifestFile);
        string? skipped = BaselineReport.Write(folder, result, Describe(recipe), "./" + string.Join(' ', commandLine), gnuplot);
        manifest.Ended(RunStatus.Finished, time).Write(target.ManifestFile);
        return (result, skipped);
    }

    /// <summary>Reads the result of a baseline and checks that it was counted on the same tokens as a run.</summary>
    /// <param name="folder">A folder written by <c>habla baseline</c>.</param>
    /// <param name="data">The run's data.</param>
    /// <exception cref="InvalidInputException">There is no baseline there, or it is one of other data or another tokenizer.</exception>
    public static BaselineResult Read(string folder, RunData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Manifest manifest = Manifest.Read(RunFolder.Open(folder).ManifestFile);
        if (manifest.TokenizerSha256 != data.Tokenizer.Fingerprint)
        {
            throw new InvalidInputException(
                $"{folder}: the baseline was counted on tokens of another tokenizer, so perplexities cannot be compared; "
                + "run habla baseline with this recipe");
        }

        if (!Sorted(manifest.DataSha256.Values).SequenceEqual(Sorted(data.FileHashes.Values)))
        {
            throw new InvalidInputException(
                $"{folder}: the baseline was counted on other data ({string.Join(", ", manifest.DataSha256.Keys)}); "
                + "run habla baseline with this recipe");
        }

        return BaselineReport.Read(folder);
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> texts) => texts.Order(StringComparer.Ordinal);

    private static string Describe(Recipe recipe) => recipe.Data switch
    {
        { Kind: "sentences" } data => $"{data.ValidationPath}",
        { ValidationPath: { } path } => path,
        var data => string.Create(CultureInfo.InvariantCulture, $"the last {100 * data.ValidationFraction:0.#}% of {data.TrainPath}"),
    };
}
