namespace Habla.Data;

/// <summary>Numbered sequences of token ids, and the ways to see them as batches.</summary>
public abstract class SequenceDataset
{
    private const int MostEvaluatedSequences = 32, EvaluatedTokens = 2048;

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
    public abstract long Count { get; }

    /// <summary>Positions in each row of a batch, <c>T</c>.</summary>
    public int SequenceLength { get; }

    /// <summary>
    /// Whether batches say where each position's document begins (<see cref="Batch.DocumentStarts"/>). Default false.
    /// </summary>
    public virtual bool SeparatesDocuments => false;

    /// <summary>
    /// Whether an epoch's order is computed place by place (<see cref="RandomPermutation"/>) instead of kept as a table. The two give
    /// different orders, so a kind of data never changes from one to the other.
    /// </summary>
    private protected virtual bool OrdersOnTheFly => false;

    /// <summary>The tokens of a sequence: 2 to <c>T</c> + 1 of them, the last of which is only a target.</summary>
    /// <param name="index">Which, from 0.</param>
    public ReadOnlySpan<int> Sequence(long index) => Sequence(index, new int[SequenceLength + 1]);

    /// <summary>The tokens of a sequence, without a place of their own where the data is not in memory as numbers.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="room">At least <c>T</c> + 1 numbers that may be overwritten; what comes back is in it, or a part of the data.</param>
    public abstract ReadOnlySpan<int> Sequence(long index, Span<int> room);

    /// <summary>A training stream over the sequences.</summary>
    /// <param name="batchSize">Sequences in a batch, <c>B</c>; at least 1.</param>
    /// <param name="dataSeed">Decides, with the epoch, the order.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; otherwise it is always that of the data. Default true.</param>
    /// <param name="dropLast">
    /// Whether sequences that do not fill a last batch are left out of the epoch; otherwise that batch is smaller. Default true.
    /// </param>
    /// <exception cref="InvalidInputException">There are fewer sequences than one batch needs.</exception>
    public IBatchSource Batches(int batchSize, ulong dataSeed, bool shuffle = true, bool dropLast = true) =>
        new ShuffledBatches(this, batchSize, dropLast, OrderOf(dataSeed, shuffle));

    /// <summary>Every sequence once, in the order of the data; the last batch may be smaller.</summary>
    /// <param name="batchSize">
    /// Sequences in a batch, <c>B</c>; at least 1. Null (the default) for 32, or for fewer where those would be more than 2,048 tokens:
    /// what a pass keeps in memory grows with them.
    /// </param>
    public IEnumerable<Batch> EvaluationBatches(int? batchSize = null)
    {
        int size = batchSize ?? Math.Clamp(EvaluatedTokens / SequenceLength, 1, MostEvaluatedSequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(batchSize));
        for (long start = 0; start < Count; start += size)
        {
            yield return BatchOf([.. Enumerable.Range(0, (int)Math.Min(size, Count - start)).Select(row => start + row)]);
        }
    }

    /// <summary>A batch of the sequences named.</summary>
    /// <param name="indices">Which, from 0; at least one.</param>
    public Batch BatchOf(ReadOnlySpan<long> indices)
    {
        var batch = new Batch(indices.Length, SequenceLength, SeparatesDocuments);
        int[] room = new int[SequenceLength + 1];
        for (int row = 0; row < indices.Length; row++)
        {
            batch.SetRow(row, indices[row], Sequence(indices[row], room), _padId);
            if (SeparatesDocuments)
            {
                batch.SeparateRow(row, DocumentBeginnings(indices[row]));
            }
        }

        return batch;
    }

    /// <summary>Which tokens of a sequence are the first of a document; asked for where documents are kept apart.</summary>
    /// <param name="index">Which sequence, from 0.</param>
    private protected virtual ReadOnlySpan<bool> DocumentBeginnings(long index) =>
        throw new NotSupportedException($"{GetType().Name} knows no documents");

    private SequenceOrder OrderOf(ulong dataSeed, bool shuffle) => OrdersOnTheFly
        ? new ComputedOrder(Count, dataSeed, shuffle)
        : new TableOrder(checked((int)Count), dataSeed, shuffle);
}
