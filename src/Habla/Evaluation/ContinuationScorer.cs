using System.Globalization;
using Habla.Data;
using Habla.Modeling;

namespace Habla.Evaluation;

/// <summary>
/// How likely a model holds continuations, many in one pass: which of two answers it would rather give. Each is scored as if it stood
/// alone; what it shares a pass with changes none of its bits.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="evaluator">Runs it; it stays the caller's.</param>
public sealed class ContinuationScorer(Gpt model, Evaluator evaluator)
{
    private const int MostRows = 32, MostTokens = 2048;

    /// <summary>Scores.</summary>
    /// <param name="continuations">Any number of them.</param>
    /// <returns>A score for each, in their order.</returns>
    /// <exception cref="InvalidInputException">
    /// A prompt or a continuation is empty, the two are longer than the context, or a token is outside the vocabulary.
    /// </exception>
    public IReadOnlyList<ContinuationScore> Score(IReadOnlyList<Continuation> continuations)
    {
        ArgumentNullException.ThrowIfNull(continuations);
        foreach (Continuation continuation in continuations)
        {
            Check(continuation);
        }

        var scores = new ContinuationScore[continuations.Count];
        foreach (ScoredBatch scored in evaluator.Score(Batches(continuations)))
        {
            Batch batch = scored.Batch;
            for (int row = 0; row < batch.BatchSize; row++)
            {
                Continuation continuation = continuations[(int)batch.SampleIds[row]];
                int first = (row * batch.SequenceLength) + continuation.Prompt.Count - 1;
                scores[batch.SampleIds[row]] = new ContinuationScore(
                    [.. Enumerable.Range(first, continuation.Ids.Count).Select(i => -(double)scored.Losses[i])]);
            }
        }

        return scores;
    }

    /// <summary>Those of like length side by side, so that little is padding.</summary>
    private static IEnumerable<Batch> Batches(IReadOnlyList<Continuation> continuations)
    {
        int[] order = [.. Enumerable.Range(0, continuations.Count).OrderBy(i => Length(continuations[i]))];
        for (int start = 0; start < order.Length;)
        {
            int rows = 1;
            while (start + rows < order.Length && rows < MostRows && (rows + 1) * Length(continuations[order[start + rows]]) <= MostTokens)
            {
                rows++;
            }

            yield return BatchOf(continuations, order.AsSpan(start, rows));
            start += rows;
        }
    }

    private static Batch BatchOf(IReadOnlyList<Continuation> continuations, ReadOnlySpan<int> indices)
    {
        var batch = new Batch(indices.Length, Length(continuations[indices[^1]]));
        for (int row = 0; row < indices.Length; row++)
        {
            Continuation continuation = continuations[indices[row]];
            batch.SetRow(row, indices[row], [.. continuation.Prompt, .. continuation.Ids], padId: 0);
            batch.LossMask.AsSpan(row * batch.SequenceLength, continuation.Prompt.Count - 1).Clear();
        }

        return batch;
    }

    /// <summary>Inputs of a row: the last token is only a target.</summary>
    private static int Length(Continuation continuation) => continuation.Prompt.Count + continuation.Ids.Count - 1;

    private void Check(Continuation continuation)
    {
        if (continuation.Prompt.Count == 0 || continuation.Ids.Count == 0)
        {
            throw new InvalidInputException(
                $"the {(continuation.Ids.Count == 0 ? "continuation" : "prompt")} is empty: a continuation is scored after a prompt, "
                    + "and each needs at least one token");
        }

        int context = model.Config.ContextLength, vocabulary = model.Config.VocabularySize;
        if (Length(continuation) > context)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"prompt and continuation are {Length(continuation) + 1} tokens long, but the model scores {context + 1} at most ")
                + "(model.max_seq_len, and one more that is only predicted): shorten the prompt");
        }

        foreach (int id in continuation.Prompt.Concat(continuation.Ids))
        {
            if (id < 0 || id >= vocabulary)
            {
                throw new InvalidInputException($"there is a token {id}, but the model's vocabulary is 0 to {vocabulary - 1}");
            }
        }
    }
}
