using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Data;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>A model on disk, opened to be used: its tokenizer and its weights, and the run that made them where there is one.</summary>
public sealed class SavedModel : IDisposable
{
    private SavedModel(SavedModelPlace place, Tokenizer tokenizer, RecordedRun? run, Gpt model)
    {
        (Place, WeightsFile, Tokenizer, Run, Model) = (place.Named, place.WeightsFile, tokenizer, run, model);
        (BeginsWithBos, EndsWithEos) = place.TextEnds(tokenizer, run?.Recipe);
    }

    /// <summary>What was named: the run folder, the model's folder, or the weights file.</summary>
    public string Place { get; }

    /// <summary>Where the weights were read from.</summary>
    public string WeightsFile { get; }

    /// <summary>The tokenizer that made the ids the model knows.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The run that made the weights; null for a model that came another way.</summary>
    public RecordedRun? Run { get; }

    /// <summary>The weights.</summary>
    public Gpt Model { get; }

    /// <summary>Whether texts begin with the tokenizer's <see cref="Tokenizer.BosId"/>, as those that the model learned from.</summary>
    public bool BeginsWithBos { get; }

    /// <summary>Whether a text is at its end when the tokenizer's <see cref="Tokenizer.EosId"/> comes.</summary>
    public bool EndsWithEos { get; }

    /// <summary>Opens a model.</summary>
    /// <param name="path">
    /// A run folder, as <c>habla train</c> writes it; or a folder with <c>weights.safetensors</c> and the tokenizer, such as
    /// <c>habla import</c> writes; or a checkpoint's folder; or a weights file. The tokenizer of the last two stands beside them, or in
    /// the run whose checkpoint they are.
    /// </param>
    /// <param name="checkpoint">
    /// Which checkpoint of a run folder: <c>last</c> (the default), <c>best</c> or <c>step-N</c>. Nothing else has a choice of them.
    /// </param>
    /// <exception cref="InvalidInputException">
    /// There is no model, a file of it is missing, damaged or of another architecture, or tokenizer and weights do not fit together.
    /// </exception>
    public static SavedModel Open(string path, string checkpoint = "last")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        var place = SavedModelPlace.Find(path, checkpoint);
        RecordedRun? run = place.Run is { } folder ? RecordedRun.Read(folder) : null;
        Tokenizer tokenizer = run?.Tokenizer ?? Tokenizer.Load(place.TokenizerFile);
        Gpt model = ModelFile.Load(place.WeightsFile);
        if (model.Config.VocabularySize != tokenizer.VocabularySize)
        {
            int vocabulary = model.Config.VocabularySize;
            model.Dispose();
            throw new InvalidInputException(
                $"{place.TokenizerFile} has {tokenizer.VocabularySize} tokens, but the weights in {place.WeightsFile} were made for "
                    + $"{vocabulary}; put the model's own tokenizer there");
        }

        return new SavedModel(place, tokenizer, run, model);
    }

    /// <summary>The run, for what cannot be done without one.</summary>
    /// <param name="purpose">What needs it, as a message begins: <c>validation data</c>.</param>
    /// <exception cref="InvalidInputException">The model has none.</exception>
    public RecordedRun RequireRun(string purpose) => Run ?? throw new InvalidInputException(
        $"{Place}: {purpose} belong to a run, and this model has none; name a run folder, as habla train writes it");

    /// <summary>What a file holds, for evaluation: of a run the kind that its recipe says, otherwise a plain text.</summary>
    /// <param name="path">Sentences, a text or shards.</param>
    /// <param name="stride">
    /// For text: tokens from one window to the next; 0 (the default) lays them side by side, so that every token counts once.
    /// </param>
    /// <exception cref="InvalidInputException">The file is missing or bad.</exception>
    public SequenceDataset LoadForEvaluation(string path, int stride = 0) => RunData.LoadForEvaluation(
        path, Tokenizer, Run?.Recipe ?? new Recipe { Model = Model.Config, Data = new DataOptions { Kind = "windows" } }, stride);

    /// <summary>A prompt as the model is given it: with the token that begins a text, where texts begin with one.</summary>
    /// <param name="text">Any text; it may be empty where texts begin with a token.</param>
    /// <returns>The ids, and how many characters the tokenizer does not know.</returns>
    public (int[] Ids, int UnknownCount) EncodePrompt(string text)
    {
        EncodedText encoded = Tokenizer.Encode(text);
        return (BeginsWithBos ? [Tokenizer.BosId, .. encoded.Ids] : encoded.Ids, encoded.UnknownCount);
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
        (int[] ids, int unknown) = EncodePrompt(prompt);
        HashSet<int> stop = EndsWithEos ? [Tokenizer.EosId] : [];
        long start = time.GetTimestamp();
        List<GeneratedToken> said = [.. new Generator(Model, pool).Continue(ids, sampling, maximumTokens, stop)];
        double seconds = Math.Max(time.GetElapsedTime(start).TotalSeconds, 1e-9);
        int[] saidIds = [.. said.Select(token => token.Id)];
        return new TextContinuation(
            Tokenizer.Decode(saidIds), saidIds, [.. said.Select(token => token.LogProbability)],
            ids.Length, said.Count / seconds, unknown);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
