using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;

namespace Habla.Evaluation;

/// <summary>The plain float64 forward beside the engine's, on the same weights and batches.</summary>
/// <param name="Loss">Mean loss per target of the float64 forward, in nats.</param>
/// <param name="LargestLogitDifference">The largest |Δlogit| to the engine, over all positions with a real token.</param>
/// <param name="TokenCount">How many targets counted.</param>
public sealed record ReferenceEvaluation(double Loss, double LargestLogitDifference, long TokenCount)
{
    /// <summary>Evaluates; slow, a few thousand tokens a second on a small model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batches">The batches.</param>
    public static ReferenceEvaluation Of(Gpt model, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        var reference = new ReferenceForward(model.Config, name => model.Parameters.Data(model.Parameters[name]));
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        double sum = 0, largest = 0;
        long tokens = 0;
        foreach (Batch batch in batches)
        {
            double[] logits = reference.Logits(batch.Inputs, batch.KeyMask, batch.BatchSize, batch.DocumentStarts);
            int targets = batch.TargetCount;
            sum += ReferenceForward.Loss(logits, batch.Targets, batch.LossMask) * targets;
            tokens += targets;

            tape.Reset();
            Tensor found = model.Forward(tape, batch.Inputs, batch.BatchSize, batch.Mask);
            int vocabulary = model.Config.VocabularySize;
            for (int i = 0; i < logits.Length; i++)
            {
                if (batch.KeyMask[i / vocabulary])
                {
                    largest = Math.Max(largest, Math.Abs(logits[i] - found.Data[i]));
                }
            }
        }

        return new ReferenceEvaluation(sum / Math.Max(1, tokens), largest, tokens);
    }
}
