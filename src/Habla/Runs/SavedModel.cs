using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Data;
using Habla.Generation;
using Habla.Interchange;
using Habla.Modeling;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>A model on disk, opened to be used: its tokenizer and its weights, and the run that made them where there is one.</summary>
public sealed class SavedModel : IDisposable
{
    private SavedModel(SavedModelPlace place, Tokenizer tokenizer, RecordedRun? run, Gpt model)
    {
        (Place, WeightsFile, Tokenizer, Run, Model) = (place.Named, place.WeightsFile, tokenizer, run, model);
        (BeginId, EndId) = place.TextEnds(tokenizer, run?.Recipe);
    }

    /// <summary>What was named: the run folder, the model's folder, or the weights file.</summary>
    public string Place { get; }

    /// <summary>The run's folder, or without a run that of the weights file.</summary>
    public string Folder => Run?.Folder.Path ?? Path.GetDirectoryName(WeightsFile) switch { "" or null => ".", var folder => folder };

    /// <summary>Where the weights were read from.</summary>
    public string WeightsFile { get; }

    /// <summary>The tokenizer that made the ids the model knows.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The run that made the weights; null for a model that came another way.</summary>
    public RecordedRun? Run { get; }

    /// <summary>The weights.</summary>
    public Gpt Model { get; }

    /// <summary>
    /// The token that texts begin with, as those that the model learned from; null where they begin with their first word.
    /// </summary>
    public int? BeginId { get; }

    /// <summary>The token after which a text is at its end; null where texts have no end.</summary>
    public int? EndId { get; }

    /// <summary>Whether texts begin with the tokenizer's own token for that, which other programs can be told to add.</summary>
    public bool BeginsWithBos => BeginId is { } begin && begin == Tokenizer.BosId;

    /// <summary>Whether the model learned whole short texts, each from <see cref="BeginId"/> to <see cref="EndId"/>.</summary>
    public bool LearnedWholeTexts => Run?.Recipe.Data.Kind == "sentences";

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
        Tokenizer tokenizer = run?.Tokenizer ?? TokenizerSettings.Load(place.TokenizerFile);
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
        return (BeginId is { } begin ? [begin, .. encoded.Ids] : encoded.Ids, encoded.UnknownCount);
    }

    /// <summary>What is asked of the model to have a text continued: its ids, what ends a text, and what its tokens stand for.</summary>
    /// <param name="prompt">The text; it may be empty where texts begin with a token.</param>
    /// <param name="unknownCount">How many characters of it the tokenizer does not know.</param>
    /// <exception cref="InvalidInputException">The prompt is empty, and texts begin with no token.</exception>
    public GenerationRequest RequestFor(string prompt, out int unknownCount)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        (int[] ids, unknownCount) = EncodePrompt(prompt);
        if (ids.Length == 0)
        {
            throw new InvalidInputException(
                "the prompt is empty, and this model has no token that begins a text: give at least one character to continue");
        }

        return RequestForIds(ids);
    }

    /// <summary>What is asked of the model to have ids continued: what ends a text, and what its tokens stand for.</summary>
    /// <param name="prompt">The ids, with the token that begins a text where one belongs there.</param>
    public GenerationRequest RequestForIds(IReadOnlyList<int> prompt)
    {
        HashSet<int> silent = [.. Tokenizer.AddedTokens.Where(token => token.IsSpecial).Select(token => token.Id)];
        return new GenerationRequest
        {
            Prompt = prompt, StopIds = EndId is { } end ? new HashSet<int> { end } : [],
            Decode = id => silent.Contains(id) ? default : Tokenizer.BytesOf(id),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
