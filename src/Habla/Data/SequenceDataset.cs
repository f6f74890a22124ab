namespace Habla.Data;

/// <summary>Numbered sequences of token ids, and the ways to see them as batches.</summary>
public abstract class SequenceDataset
{
    private readonly int _padId;

    /// <summary>Creates the common part.</summary>
    /// <param name="sequenceLength">Positions in a batch row, <c>T</c>; at least 1.</param>
    /// <param name="padId">The token that fills rows up.</param>
    private protected SequenceDataset(int sequenceLength, int padId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        SequenceLength = sequenceLength;
        _padId = padId;
    }

    /// <summary>How many sequences there are.</summary>
    public abstract int Count { get; }

    /// <summary>Positions in each row of a batch, <c>T</c>.</summary>
    public int SequenceLength { get; }

    /// <summary>The tokens of a sequence: 2 to <c>T</c> + 1 of them, the last of which is only a target.</summary>
    /// <param name="index">Which, from 0.</param>
    public abstract ReadOnlySpan<int> Sequence(int index);

    /// <summary>A training stream over the sequences.</summary>
    /// <param name="batchSize">Sequences in a batch, <c>B</c>; at least 1.</param>
    /// <param name="dataSeed">Decides, with the epoch, the order.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; otherwise it is always that of the data. Default true.</param>
    /// <param name="dropLast">
    /// Whether sequences that do not fill a last batch are left out of the epoch; otherwise that batch is smaller. Default true.
    /// </param>
    /// <exception cref="InvalidInputException">There are fewer sequences than one batch needs.</exception>
    public IBatchSource Batches(int batchSize, ulong dataSeed, bool shuffle = true, bool dropLast = true) =>
        new ShuffledBatches(this, batchSize, dataSeed, shuffle, dropLast);

    /// <summary>Every sequence once, in the order of the data; the last batch may be smaller.</summary>
    /// <param name="batchSize">Sequences in a batch, <c>B</c>; at least 1. Default 32.</param>
    public IEnumerable<Batch> EvaluationBatches(int batchSize = 32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        for (int start = 0; start < Count; start += Math.Min(batchSize, Count - start))
        {
            yield return BatchOf([.. Enumerable.Range(start, Math.Min(batchSize, Count - start))]);
        }
    }

    /// <summary>A batch of the sequences named.</summary>
    /// <param name="indices">Which, from 0; at least one.</param>
    public Batch BatchOf(ReadOnlySpan<int> indices)
    {
        var batch = new Batch(indices.Length, SequenceLength);
        for (int row = 0; row < indices.Length; row++)
        {
            batch.SetRow(row, indices[row], Sequence(indices[row]), _padId);
        }

        return batch;
    }
}
