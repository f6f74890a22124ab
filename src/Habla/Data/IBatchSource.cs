namespace Habla.Data;

/// <summary>An endless stream of training batches, epoch after epoch, that can be resumed anywhere.</summary>
public interface IBatchSource
{
    /// <summary>Batches in one pass over the data.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>The pass that the next batch belongs to, from 0.</summary>
    int Epoch { get; }

    /// <summary>
    /// Where the stream stands; setting it makes the batch at that place the next one, at the cost of one shuffle and not of the
    /// batches before.
    /// </summary>
    DataPosition Position { get; set; }

    /// <summary>The next batch; after an epoch's last one comes the first of the next epoch, in another order.</summary>
    Batch Next();
}
