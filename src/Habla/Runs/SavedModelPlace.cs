using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Interchange;
using Habla.Storage;
using Habla.Tokenization;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>Where the parts of a model lie; nothing is read yet but what a checkpoint's marker says of its files.</summary>
/// <param name="Named">What was named.</param>
/// <param name="WeightsFile">The weights.</param>
/// <param name="TokenizerFile">The tokenizer's file, or the folder that has GPT-2's two.</param>
/// <param name="Run">The run that the weights belong to, or null.</param>
internal sealed record SavedModelPlace(string Named, string WeightsFile, string TokenizerFile, RunFolder? Run)
{
    private const string TokenizerName = "tokenizer.json", VocabularyName = "vocab.json", ForeignConfigName = "config.json";

    /// <summary>Finds the parts.</summary>
    /// <param name="path">A run folder, a model's folder, a checkpoint's folder or a weights file.</param>
    /// <param name="checkpoint">The checkpoint of a run folder.</param>
    /// <exception cref="InvalidInputException">Something is missing.</exception>
    public static SavedModelPlace Find(string path, string checkpoint)
    {
        if (File.Exists(path))
        {
            return OfWeights(path, path);
        }

        string place = Checkpoint.PlaceOf(Path.TrimEndingDirectorySeparator(path));
        if (!Directory.Exists(place))
        {
            throw new InvalidInputException(
                $"{path}: there is no such file or folder; name a run folder, a model's folder or a file of weights");
        }

        string weights = Path.Combine(place, Checkpoint.WeightsFile);
        if (!Manifest.IsAt(RunFolder.At(place).ManifestFile) && File.Exists(weights))
        {
            return checkpoint == CheckpointNames.Last ? OfWeights(path, weights) : throw new InvalidInputException(
                $"{path} is a model's folder and has no checkpoint '{checkpoint}'; leave --checkpoint out");
        }

        RefuseForeign(path);
        RunFolder run = RunFolder.Open(path);
        return OfCheckpoint(path, run, Path.Combine(run.CheckpointsFolder, checkpoint), checkpoint);
    }

    /// <summary>The tokens that texts of the model begin and end with; null where they have none.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="recipe">The recipe of the run, or null.</param>
    public (int? BeginId, int? EndId) TextEnds(Tokenizer tokenizer, Recipe? recipe)
    {
        int? bos = tokenizer.BosId >= 0 ? tokenizer.BosId : null, eos = tokenizer.EosId >= 0 ? tokenizer.EosId : null;
        return recipe?.Data.Kind switch
        {
            "sentences" or "shards" => (bos, eos), // each row or document stands between the two
            "windows" => (null, null), // one long text has neither beginnings nor ends
            _ => (TokenizerSettings.BeginsText(Path.GetDirectoryName(TokenizerFile)!, tokenizer) ? bos : null, eos),
        };
    }

    private static SavedModelPlace OfCheckpoint(string path, RunFolder run, string folder, string name)
    {
        folder = Checkpoint.PlaceOf(folder);
        string weights = Path.Combine(folder, Checkpoint.WeightsFile);
        if (!File.Exists(weights))
        {
            throw new InvalidInputException(
                $"{weights} is not there: the run has no checkpoint '{name}'; {Others(run.CheckpointsFolder)}");
        }

        Checkpoint.CheckComplete(folder);
        return new SavedModelPlace(path, weights, run.TokenizerFile, run);
    }

    private static SavedModelPlace OfWeights(string path, string weights)
    {
        if (Path.GetExtension(weights) != Path.GetExtension(Checkpoint.WeightsFile))
        {
            throw new InvalidInputException($"{weights} is no file of weights that Habla reads; expected a {Checkpoint.WeightsFile}");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(weights))!;
        if (RunOf(folder) is { } run)
        {
            return Path.GetFileName(weights) == Checkpoint.WeightsFile
                ? OfCheckpoint(path, run, folder, Path.GetFileName(folder))
                : new SavedModelPlace(path, weights, run.TokenizerFile, run);
        }

        string beside = Path.GetDirectoryName(weights)!; // as it was named, for messages
        return ((string[])[TokenizerName, VocabularyName]).Select(name => Path.Combine(beside, name)).FirstOrDefault(File.Exists)
            is { } tokenizer
            ? new SavedModelPlace(path, weights, tokenizer, null)
            : throw new InvalidInputException(
                $"{weights}: there is no {TokenizerName} beside it, and it is no checkpoint of a run; put the model's tokenizer there");
    }

    /// <summary>The run whose checkpoint a folder is, or null.</summary>
    private static RunFolder? RunOf(string folder)
    {
        string? checkpoints = Path.GetDirectoryName(folder), run = Path.GetDirectoryName(checkpoints);
        return run is not null && RunFolder.At(run) is var found && found.CheckpointsFolder == checkpoints
            && File.Exists(found.ManifestFile) ? RunFolder.Open(run) : null;
    }

    private static void RefuseForeign(string folder)
    {
        if (File.Exists(Path.Combine(folder, ForeignConfigName)))
        {
            throw new InvalidInputException(
                $"{folder} has a {ForeignConfigName}, as models of Hugging Face do, and no {Checkpoint.WeightsFile} of Habla; "
                + "make a model's folder of it with habla import");
        }
    }

    private static string Others(string folder)
    {
        string[] names = Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.Contains('.', StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];
        return names.Length == 0 ? "it has none yet" : $"it has {string.Join(", ", names)}";
    }
}
