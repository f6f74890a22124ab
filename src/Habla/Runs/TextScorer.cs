using System.Globalization;
using Habla.Data;
using Habla.Evaluation;
using Habla.Tensors.Threading;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>
/// What a model thinks of texts, token by token. Texts are read as <c>habla eval</c> reads them, so that the sums are its loss: rows of
/// sentences each by itself, a longer text in windows of the model's context.
/// </summary>
/// <remarks>
/// Windows stand side by side unless a stride is given: token i of a window sees the i tokens before it there. With a stride, a window
/// begins every so many tokens and scores only what no earlier one has, so each of its tokens sees at least (context − stride + 1) before
/// it. Either way each token is scored once.
/// </remarks>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="pool">The threads; null (the default) for the calling thread alone. They change no bit.</param>
public sealed class TextScorer(SavedModel model, WorkerPool? pool = null) : IDisposable
{
    private readonly Evaluator _evaluator = new(model.Model, pool);

    private int Context => model.Model.Config.ContextLength;

    /// <summary>Scores a text, which begins and ends as those that the model learned from.</summary>
    /// <param name="text">The text.</param>
    /// <param name="stride">Tokens from one window to the next, at most the context; 0 (the default) for windows side by side.</param>
    /// <param name="withEnd">Whether the token that ends a text is scored, for a model of whole texts. Default true.</param>
    /// <exception cref="InvalidInputException">There is nothing to score, or the stride is impossible.</exception>
    public TextScore ScoreText(string text, int stride = 0, bool withEnd = true)
    {
        CheckStride(stride);
        (int[] ids, int unknown) = model.EncodePrompt(text);
        int[] stream = [.. ids, .. End(withEnd)];
        return stream.Length > 1
            ? Score(Windows(stream, stride), stride, unknown)
            : throw new InvalidInputException(
                $"the text is {stream.Length} tokens long: its first token is given and not scored; give a longer text");
    }

    /// <summary>Scores a file.</summary>
    /// <param name="path">What <c>habla eval --data</c> takes: rows of sentences, a text, or shards, as the model learned from.</param>
    /// <param name="stride">Of a plain text, as for <see cref="ScoreText"/>.</param>
    /// <exception cref="InvalidInputException">The file is missing or bad, or the stride is impossible.</exception>
    public TextScore ScoreFile(string path, int stride = 0)
    {
        CheckStride(stride);
        SequenceDataset data = model.LoadForEvaluation(path);
        if (stride > 0 && data is not WindowDataset)
        {
            throw new InvalidInputException($"{path}: this is no plain text, and only a plain text has windows with a stride");
        }

        int unknown = data switch
        {
            WindowDataset windows => windows.UnknownTokens,
            SentenceDataset sentences => (int)sentences.Report.UnknownTokens,
            _ => 0,
        };
        return Score(stride > 0 ? Windows(((WindowDataset)data).Stream, stride) : data, stride, unknown);
    }

    /// <summary>Scores what may follow a prompt. Prompt and continuation are tokenized apart: no token lies across their border.</summary>
    /// <param name="prompt">The text before; it may be empty where texts begin with a token.</param>
    /// <param name="continuations">The texts after it.</param>
    /// <param name="withEnd">
    /// Whether the token that ends a text belongs to each continuation, for a model of whole texts; without it a text is never less likely
    /// than a longer one that begins with it. Default true.
    /// </param>
    /// <returns>The continuations in their order.</returns>
    /// <exception cref="InvalidInputException">A text is empty or longer than the context.</exception>
    public IReadOnlyList<ScoredContinuation> Compare(string prompt, IReadOnlyList<string> continuations, bool withEnd = true)
    {
        ArgumentNullException.ThrowIfNull(continuations);
        int[] before = model.EncodePrompt(prompt).Ids;
        EncodedText[] encoded = [.. continuations.Select(text => model.Tokenizer.Encode(text))];
        Continuation[] parts = [.. encoded.Select(text => new Continuation(
            before, text.Ids.Length == 0 ? [] : [.. text.Ids, .. End(withEnd)]))];
        IReadOnlyList<ContinuationScore> scores = new ContinuationScorer(model.Model, _evaluator).Score(parts);
        return
        [
            .. continuations.Select((text, i) => new ScoredContinuation(
                text, parts[i].Ids, scores[i], encoded[i].UnknownCount,
                !model.EncodePrompt(prompt + text).Ids.SequenceEqual([.. before, .. encoded[i].Ids]))),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _evaluator.Dispose();

    private int[] End(bool withEnd) => withEnd && model is { LearnedWholeTexts: true, EndId: { } end } ? [end] : [];

    private WindowDataset Windows(ReadOnlyMemory<int> stream, int stride) =>
        new(stream, Context, stride == 0 ? Context : stride, coverTail: true, Math.Max(0, model.Tokenizer.PadId));

    private TextScore Score(SequenceDataset data, int stride, int unknown)
    {
        var tokens = new List<TokenScore>();
        double loss = 0;
        long right = 0, bytes = 0;
        foreach (ScoredBatch scored in _evaluator.Score(data.EvaluationBatches().Select(batch => OnlyNew(batch, stride))))
        {
            (loss, right) = (loss + scored.Loss, right + scored.Right);
            Batch batch = scored.Batch;
            for (int i = 0; i < batch.Targets.Length; i++)
            {
                if (batch.LossMask[i])
                {
                    int seen = (i % batch.SequenceLength) - (batch.DocumentStarts?[i] ?? 0) + 1;
                    tokens.Add(new TokenScore(batch.Targets[i], -(double)scored.Losses[i], seen));
                    bytes += model.Tokenizer.DecodeBytes([batch.Targets[i]]).Length;
                }
            }
        }

        var result = new EvaluationResult(loss / Math.Max(1, tokens.Count), tokens.Count, (double)right / Math.Max(1, tokens.Count));
        return new TextScore(tokens, new EvaluatedText(result, bytes), unknown);
    }

    /// <summary>Every window but the first begins in what the one before it has scored.</summary>
    private static Batch OnlyNew(Batch batch, int stride)
    {
        for (int row = 0; stride > 0 && row < batch.BatchSize; row++)
        {
            if (batch.SampleIds[row] > 0)
            {
                batch.LossMask.AsSpan(row * batch.SequenceLength, batch.SequenceLength - stride).Clear();
            }
        }

        return batch;
    }

    private void CheckStride(int stride)
    {
        if (stride < 0 || stride > Context)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"--stride {stride}: expected a whole number from 1 to the model's context, {Context} (model.max_seq_len); ")
                + "0 lays windows side by side");
        }
    }
}
