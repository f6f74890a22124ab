namespace Habla.Data;

/// <summary>
/// Batches of N batches each: what a step reads that accumulates gradients. The last one of an epoch joins what is left of it, so
/// nothing of an epoch is left out or comes in the next. Only token ids and masks are joined, some 10 bytes a token.
/// </summary>
internal sealed class AccumulatedBatches : IBatchSource
{
    private readonly IBatchSource _batches;
    private readonly int _count;

    public AccumulatedBatches(IBatchSource batches, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        (_batches, _count) = (batches, count);
    }

    /// <summary>What a step of so many batches reads from; one of a single batch reads from the source itself.</summary>
    public static IBatchSource Of(IBatchSource batches, int count) => count > 1 ? new AccumulatedBatches(batches, count) : batches;

    /// <summary>The steps of an epoch.</summary>
    public int BatchesPerEpoch => ((_batches.BatchesPerEpoch - 1) / _count) + 1;

    public int Epoch => _batches.Epoch;

    /// <summary>Where the data stands, counted in its own batches: the place does not depend on how many are joined.</summary>
    public DataPosition Position
    {
        get => _batches.Position;
        set => _batches.Position = value;
    }

    public Batch Next()
    {
        int epoch = _batches.Epoch;
        var batches = new List<Batch>(_count);
        do
        {
            batches.Add(_batches.Next());
        }
        while (batches.Count < _count && _batches.Epoch == epoch);

        return Batch.Join(batches);
    }
}
