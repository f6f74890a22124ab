using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Generation;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors.Threading;
using Habla.Tokenization;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>A finished (or interrupted) run, opened to be used: its recipe, its tokenizer and the weights of one checkpoint.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(Manifest manifest, Recipe recipe, Tokenizer tokenizer, Gpt model, string weightsFile) =>
        (Manifest, Recipe, Tokenizer, Model, WeightsFile) = (manifest, recipe, tokenizer, model, weightsFile);

    /// <summary>Where the run came from.</summary>
    public Manifest Manifest { get; }

    /// <summary>The recipe it was trained by.</summary>
    public Recipe Recipe { get; }

    /// <summary>The tokenizer it was trained with.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The weights.</summary>
    public Gpt Model { get; }

    /// <summary>Where the weights were read from.</summary>
    public string WeightsFile { get; }

    /// <summary>Opens a run.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="checkpoint">Which checkpoint: <c>last</c> (the default), <c>best</c> or <c>step-N</c>.</param>
    /// <exception cref="InvalidInputException">The folder is no run, or a file of it cannot be used.</exception>
    public static TrainedModel Open(string folder, string checkpoint = CheckpointNames.Last)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        RunFolder run = RunFolder.Open(folder);
        string checkpointFolder = Checkpoint.PlaceOf(Path.Combine(run.CheckpointsFolder, checkpoint));
        string weights = Path.Combine(checkpointFolder, Checkpoint.WeightsFile);
        if (!File.Exists(weights))
        {
            throw new InvalidInputException(
                $"{weights} is not there: the run has no checkpoint '{checkpoint}'; {Others(run.CheckpointsFolder)}");
        }

        Checkpoint.CheckComplete(checkpointFolder);
        RecordedRun record = RecordedRun.Read(run);
        Gpt model = ModelFile.Load(weights);
        if (model.Config.VocabularySize != record.Tokenizer.VocabularySize)
        {
            int vocabulary = model.Config.VocabularySize;
            model.Dispose();
            throw new InvalidInputException(
                $"{run.TokenizerFile} has {record.Tokenizer.VocabularySize} tokens, but the weights in {weights} were made for "
                    + $"{vocabulary}");
        }

        return new TrainedModel(record.Manifest, record.Recipe, record.Tokenizer, model, weights);
    }

    /// <summary>Lets the model continue a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="sampling">How to choose tokens.</param>
    /// <param name="maximumTokens">How many tokens at most.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="time">The clock; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty for a model without a begin-of-sequence token, or an option is impossible.
    /// </exception>
    public TextContinuation Continue(
        string prompt, SamplingOptions sampling, int maximumTokens, WorkerPool pool, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        int[] ids = Tokenizer.Encode(prompt, out int unknown);
        bool hasEnds = Tokenizer.HasSpecialTokens && Recipe.Data.Kind != "windows"; // a text in windows has neither beginnings nor ends
        int[] begin = hasEnds ? [Tokenizer.BosId] : [];
        HashSet<int> stop = hasEnds ? [Tokenizer.EosId] : [];
        long start = time.GetTimestamp();
        List<GeneratedToken> said = [.. new Generator(Model, pool).Continue([.. begin, .. ids], sampling, maximumTokens, stop)];
        double seconds = Math.Max(time.GetElapsedTime(start).TotalSeconds, 1e-9);
        int[] saidIds = [.. said.Select(token => token.Id)];
        return new TextContinuation(
            Tokenizer.Decode(saidIds), saidIds, [.. said.Select(token => token.LogProbability)],
            begin.Length + ids.Length, said.Count / seconds, unknown);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static string Others(string folder)
    {
        string[] names = Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.Contains('.', StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];
        return names.Length == 0 ? "it has none yet" : $"it has {string.Join(", ", names)}";
    }
}
