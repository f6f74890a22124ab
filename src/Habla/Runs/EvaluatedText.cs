using Habla.Data;
using Habla.Evaluation;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>An evaluation with the bytes of text that its targets stand for, so that tokenizers can be compared.</summary>
/// <param name="Result">Loss and accuracy.</param>
/// <param name="Bytes">
/// UTF-8 bytes of all targets that counted. Special tokens have none, <c>&lt;unk&gt;</c> among them: unknown characters make the figure
/// larger.
/// </param>
public sealed record EvaluatedText(EvaluationResult Result, long Bytes)
{
    /// <summary>Bits needed per byte of text: the loss of all targets in bits over their bytes.</summary>
    public double BitsPerByte => Result.Loss * Result.TokenCount / Math.Log(2) / Math.Max(1, Bytes);

    /// <summary>Evaluates a data set.</summary>
    /// <param name="evaluator">The model.</param>
    /// <param name="data">The data.</param>
    /// <param name="tokenizer">The tokenizer that made its ids.</param>
    public static EvaluatedText Of(Evaluator evaluator, SequenceDataset data, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(tokenizer);
        int[] bytesOf = [.. Enumerable.Range(0, tokenizer.VocabularySize)
            .Select(id => tokenizer.DecodeBytes([id]).Length)];
        long bytes = 0;
        foreach (Batch batch in data.EvaluationBatches())
        {
            for (int i = 0; i < batch.Targets.Length; i++)
            {
                bytes += batch.LossMask[i] ? bytesOf[batch.Targets[i]] : 0;
            }
        }

        return new EvaluatedText(evaluator.Evaluate(data.EvaluationBatches()), bytes);
    }
}
