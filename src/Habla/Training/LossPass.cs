using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Training;

/// <summary>Some neighbouring micro-batches of a batch, forward to their losses; the way back is the tape's.</summary>
/// <param name="model">The model.</param>
/// <param name="microBatchCount">Into how many slices a batch of the data is cut.</param>
/// <param name="seed">The training seed: dropout's random numbers follow from it.</param>
/// <param name="labelSmoothing">The share of each target that is spread over the vocabulary.</param>
internal sealed class LossPass(Gpt model, int microBatchCount, ulong seed, double labelSmoothing)
{
    /// <summary>How many micro-batches a batch has; one that was joined of several has as many for each of them.</summary>
    public int MicroBatchesOf(Batch batch) => microBatchCount * batch.JoinedBatches;

    /// <summary>The rows of the batch that some micro-batches have; as many in each, give or take one.</summary>
    public (int First, int Count) RowsOf(Batch batch, int microBatch, int microBatches = 1)
    {
        long parts = MicroBatchesOf(batch);
        int first = (int)(batch.BatchSize * (long)microBatch / parts);
        return (first, (int)(batch.BatchSize * (long)(microBatch + microBatches) / parts) - first);
    }

    /// <summary>Records the pass on a tape.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="microBatch">The first micro-batch.</param>
    /// <param name="microBatches">How many.</param>
    /// <param name="step">The training step, from 0.</param>
    /// <returns>A loss for each micro-batch, divided by the targets of the whole batch: <c>[microBatches]</c>.</returns>
    public Tensor Forward(Tape tape, Batch batch, int microBatch, int microBatches, int step)
    {
        tape.Times?.Start();
        tape.MicroBatches = microBatches;
        (int first, int rows) = RowsOf(batch, microBatch, microBatches);
        int from = first * batch.SequenceLength, count = rows * batch.SequenceLength;
        tape.Dropout = model.Config.Dropout > 0 ? new DropoutSource(seed, (uint)step, first) : null;
        Tensor logits = model.Forward(tape, batch.Inputs.AsSpan(from, count), rows, batch.MaskOf(first, rows));
        return CrossEntropy.Apply(
            tape, logits, batch.Targets.AsSpan(from, count), UnlessAllTrue(batch.LossMask.AsSpan(from, count)),
            Math.Max(1, batch.TargetCount), labelSmoothing);
    }

    /// <summary>A mask that masks nothing is left out: operations do less without one.</summary>
    private static ReadOnlySpan<bool> UnlessAllTrue(ReadOnlySpan<bool> mask) => mask.Contains(false) ? mask : default;
}
