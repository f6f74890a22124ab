using System.Globalization;
using Habla.Baselines;
using Habla.Configuration;
using Habla.Data;
using Habla.Storage;
using Habla.Tokenization;
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
        Tokenizer tokenizer = TokenizerOf(recipe);
        var (train, validation) = Sequences(recipe, tokenizer);
        var manifest = new Manifest
        {
            Seed = recipe.Training.Seed,
            DataSeed = recipe.Training.DataSeed,
            GitSha = GitCommit.Of(Environment.CurrentDirectory),
            Config = RecipeWriter.ToJson(recipe),
            DataSha256 = DataFiles(recipe).Distinct().ToDictionary(path => path, ContentHash.OfFile),
            TokenizerSha256 = tokenizer.Fingerprint,
            CommandLine = commandLine,
            StartedAt = time.GetUtcNow(),
        };

        BaselineResult result = NgramBaseline.Run(train, validation, tokenizer.VocabularySize);
        target.Create();
        manifest.Write(target.ManifestFile);
        string? skipped = BaselineReport.Write(folder, result, Describe(recipe), "./" + string.Join(' ', commandLine), gnuplot);
        manifest.Ended(RunStatus.Finished, time).Write(target.ManifestFile);
        return (result, skipped);
    }

    private static Tokenizer TokenizerOf(Recipe recipe)
    {
        Tokenizer tokenizer = recipe.Tokenizer.Path is { } path
            ? Tokenizer.Load(path)
            : TokenizerTrainer.Train(recipe.Tokenizer, TrainingTextFiles.Read([recipe.Data.TrainPath]));
        return tokenizer.VocabularySize == recipe.Tokenizer.VocabularySize
            ? tokenizer
            : throw new InvalidOptionException(
                "tokenizer.vocab_size",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{recipe.Tokenizer.VocabularySize} differs from the {tokenizer.VocabularySize} tokens of {recipe.Tokenizer.Path}"));
    }

    private static (IReadOnlyList<int[]> Train, IReadOnlyList<int[]> Validation) Sequences(Recipe recipe, Tokenizer tokenizer)
    {
        DataOptions data = recipe.Data;
        if (data.ValidationPath is null && data.ValidationFraction == 0)
        {
            throw new InvalidOptionException(
                "data.val_path", "missing, and data.val_fraction is 0; a baseline is scored on validation data, so give one of them");
        }

        if (data.Kind == "sentences")
        {
            int context = recipe.Model.ContextLength;
            return (
                SentenceDataset.Load(data.TrainPath, tokenizer, context, data).Sequences,
                SentenceDataset.Load(data.ValidationPath!, tokenizer, context, data).Sequences);
        }

        int[] stream = tokenizer.Encode(TextFile.Read(data.TrainPath)).Ids;
        if (data.ValidationPath is { } path)
            return ([stream], [tokenizer.Encode(TextFile.Read(path)).Ids]);
        var (train, validation) = WindowDataset.Split(stream, data.ValidationFraction);
        return ([train.ToArray()], [validation.ToArray()]);
    }

    private static IEnumerable<string> DataFiles(Recipe recipe) =>
        recipe.Data.ValidationPath is { } path ? [recipe.Data.TrainPath, path] : [recipe.Data.TrainPath];

    private static string Describe(Recipe recipe) => recipe.Data switch
    {
        { Kind: "sentences" } data => $"{data.ValidationPath}",
        { ValidationPath: { } path } => path,
        var data => string.Create(CultureInfo.InvariantCulture, $"the last {100 * data.ValidationFraction:0.#}% of {data.TrainPath}"),
    };
}
