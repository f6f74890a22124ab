using Habla.Baselines;
using Habla.Configuration;
using Habla.Data;
using Habla.Data.Shards;
using Habla.Storage;
using Habla.Tokenization;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>
/// A recipe's texts as token ids: the tokenizer, what is trained on, and what is validated on. Model and baseline both read from
/// here, so they are scored on the same tokens.
/// </summary>
/// <remarks>Shards stay open until it is disposed of, or until the process ends where only a data set is handed on.</remarks>
public sealed class RunData : IDisposable
{
    private const long EvaluatedTokens = 1 << 20;

    private readonly Recipe _recipe;

    private RunData(
        Recipe recipe, Tokenizer tokenizer, SequenceDataset train, SequenceDataset? validation,
        IReadOnlyDictionary<string, string> fileHashes) =>
        (_recipe, Tokenizer, Train, Validation, FileHashes) = (recipe, tokenizer, train, validation, fileHashes);

    /// <summary>The tokenizer: loaded, or trained on the training data alone.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The training sequences.</summary>
    public SequenceDataset Train { get; }

    /// <summary>The validation sequences, all of them; null when the recipe names none.</summary>
    public SequenceDataset? Validation { get; }

    /// <summary>
    /// What is validated on every <c>training.val_every</c> steps: <see cref="Validation"/>, or of a text or shards with more than
    /// 1,048,576 tokens so many, in windows at equal distances.
    /// </summary>
    public SequenceDataset? ValidationWhileTraining => Validation is { } all ? ForSteps(all, EvaluatedTokens) : null;

    /// <summary>SHA-256 of every data file by path.</summary>
    public IReadOnlyDictionary<string, string> FileHashes { get; }

    /// <summary>Reads and encodes what a recipe names.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="tokenizer">The tokenizer to use; null (the default) for the recipe's own.</param>
    /// <exception cref="InvalidInputException">
    /// A file is missing or bad, a row is too long, or the tokenizer does not fit, or is not the one that shards were made with.
    /// </exception>
    public static RunData Load(Recipe recipe, Tokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        DataOptions data = recipe.Data;
        tokenizer ??= TokenizerOf(recipe);
        if (tokenizer.VocabularySize != recipe.Model.VocabularySize)
        {
            throw new InvalidOptionException(
                "model.vocab_size",
                $"{recipe.Model.VocabularySize}, but the tokenizer has {tokenizer.VocabularySize} tokens; the two must be the same");
        }

        int context = recipe.Model.ContextLength;
        SequenceDataset train;
        SequenceDataset? validation;
        if (data.Kind == "shards")
        {
            (train, validation) = RunShards.Load(data, tokenizer, context);
        }
        else if (data.Kind == "sentences")
        {
            train = SentenceDataset.Load(data.TrainPath, tokenizer, context, data);
            validation = data.ValidationPath is { } path ? SentenceDataset.Load(path, tokenizer, context, data) : null;
        }
        else
        {
            (train, validation) = WindowDataset.Load(data.TrainPath, tokenizer, context, data);
            validation ??= data.ValidationPath is { } path ? WindowDataset.LoadForEvaluation(path, tokenizer, context) : null;
        }

        return new RunData(
            recipe, tokenizer, train, validation, FilesOf(recipe).ToDictionary(path => path, ContentHash.OfFile));
    }

    /// <summary>
    /// The data files that a recipe names, each once; for a folder of shards its index, which holds the hashes of the rest.
    /// </summary>
    /// <param name="recipe">A validated recipe.</param>
    public static IEnumerable<string> FilesOf(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        string[] files = recipe.Data is { ValidationPath: { } second } ? [recipe.Data.TrainPath, second] : [recipe.Data.TrainPath];
        return (recipe.Data.Kind == "shards" ? files.Select(TokenShards.HashedFileOf) : files).Distinct();
    }

    /// <summary>What a file of the recipe's kind holds, for evaluation.</summary>
    /// <param name="path">Sentences or text, as the recipe's data is; with shards, either shards or a text.</param>
    /// <param name="tokenizer">The run's tokenizer.</param>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="stride">
    /// For text: tokens from one window to the next; 0 (the default) lays them side by side, so that every token counts once.
    /// </param>
    /// <exception cref="InvalidInputException">The file is missing or bad.</exception>
    public static SequenceDataset LoadForEvaluation(string path, Tokenizer tokenizer, Recipe recipe, int stride = 0)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        int context = recipe.Model.ContextLength;
        if (recipe.Data.Kind == "sentences")
        {
            return SentenceDataset.Load(path, tokenizer, context, recipe.Data);
        }

        if (recipe.Data.Kind == "shards" && TokenShards.IsShards(path))
        {
            return RunShards.LoadForEvaluation(path, recipe.Data, tokenizer, context, stride);
        }

        WindowDataset sideBySide = WindowDataset.LoadForEvaluation(path, tokenizer, context);
        return stride == 0 ? sideBySide : new WindowDataset(sideBySide.Stream, context, stride);
    }

    /// <summary>The data files that are not what they were when a run began.</summary>
    /// <param name="manifest">The run's manifest.</param>
    public IEnumerable<string> ChangedSince(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return FileHashes
            .Where(file => manifest.DataSha256.TryGetValue(file.Key, out string? before) && before != file.Value)
            .Select(file => file.Key);
    }

    /// <summary>The training stream, in the order that the recipe's data seed gives.</summary>
    public IBatchSource Batches() => Train.Batches(
        _recipe.Training.BatchSize, _recipe.Training.DataSeed, _recipe.Data.Shuffle, _recipe.Data.DropLast);

    /// <summary>
    /// The training data as it is evaluated: every token a target exactly once. Sentences are that anyway; overlapping windows
    /// are laid side by side; of a long text or of shards, windows at equal distances stand for the whole.
    /// </summary>
    /// <param name="atMost">The most tokens of a text or of shards. Default 1,048,576.</param>
    public SequenceDataset TrainForEvaluation(long atMost = EvaluatedTokens) => Part(Train, atMost);

    /// <summary>Why no n-gram baseline is counted on this data unless it is asked for; null when it is counted.</summary>
    public string? NoBaseline => RunShards.NoBaseline(Train) ?? RunShards.NoBaseline(Validation);

    /// <summary>Counts, tunes and scores n-gram models on the tokens that the model trains on and is validated on.</summary>
    /// <exception cref="InvalidInputException">There is no validation data, or shards with too many tokens to count.</exception>
    public BaselineResult Baseline()
    {
        SequenceDataset validation = Validation
            ?? throw new InvalidOptionException("data.val_path", "missing, and so is data.val_fraction; a baseline needs validation data");
        if (NoBaseline is { } reason)
        {
            throw new InvalidInputException(reason);
        }

        return NgramBaseline.Run(NgramSequences(Train), NgramSequences(validation), Tokenizer.VocabularySize);
    }

    /// <summary>Closes shards.</summary>
    public void Dispose()
    {
        (Train as ShardDataset)?.Shards.Dispose();
        (Validation as ShardDataset)?.Shards.Dispose();
    }

    /// <summary>The data themselves, or of a longer text or shards a part.</summary>
    internal static SequenceDataset ForSteps(SequenceDataset data, long atMost)
    {
        long targets = data switch
        {
            WindowDataset windows => windows.Stream.Length - 1,
            ShardDataset shards => shards.Shards.Length - 1,
            _ => 0,
        };
        return targets > atMost ? Part(data, atMost) : data;
    }

    private static SequenceDataset Part(SequenceDataset data, long atMost) => data switch
    {
        WindowDataset windows => windows.ForEvaluation(Math.Max(1, atMost / windows.SequenceLength)),
        ShardDataset shards => RunShards.ForEvaluation(shards, atMost),
        _ => data,
    };

    private static IReadOnlyList<int[]> NgramSequences(SequenceDataset data) => data switch
    {
        SentenceDataset sentences => sentences.Sequences,
        WindowDataset windows => [windows.Stream.ToArray()],
        ShardDataset shards => RunShards.NgramSequences(shards),
        _ => throw new NotSupportedException($"no baseline for {data.GetType().Name}"),
    };

    private static Tokenizer TokenizerOf(Recipe recipe) => recipe.Tokenizer.Path is { } path
        ? Tokenizer.Load(path)
        : recipe.Data.Kind == "shards" ? RunShards.TokenizerOf(recipe.Data.TrainPath)
        : TokenizerTrainer.Train(recipe.Tokenizer, TextOf(recipe.Data));

    /// <summary>What a tokenizer may learn from. Of a text that is cut in two, the second part only lends its characters.</summary>
    private static TrainingText TextOf(DataOptions data)
    {
        TrainingText whole = TrainingTextFiles.Read([data.TrainPath]);
        if (data.ValidationFraction == 0)
        {
            return whole;
        }

        string text = string.Concat(whole.Lines);
        return new TrainingText(TextFile.LinesOf(TextFile.Split(text, data.ValidationFraction).Train))
        {
            Reserved = string.Concat(text.EnumerateRunes().Distinct()),
            IsRunning = true,
        };
    }
}
