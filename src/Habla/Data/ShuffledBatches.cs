using System.Globalization;

namespace Habla.Data;

/// <summary>
/// Batches in an order that is a function of the data seed and the epoch alone. So the position is two numbers, and a resumed run
/// does not draw what came before.
/// </summary>
internal sealed class ShuffledBatches : IBatchSource
{
    private readonly SequenceDataset _dataset;
    private readonly int _batchSize;
    private readonly SequenceOrder _order;
    private DataPosition _position = new(0, 0);

    public ShuffledBatches(SequenceDataset dataset, int batchSize, bool dropLast, SequenceOrder order)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_dataset, _batchSize, _order) = (dataset, batchSize, order);
        long batches = (dataset.Count / batchSize) + (dropLast || dataset.Count % batchSize == 0 ? 0 : 1);
        if (batches == 0)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"training.batch_size: {batchSize} sequences make a batch, but the data has {dataset.Count}; ")
                + "take a smaller batch, more data, or data.drop_last: false.");
        }

        if (batches > int.MaxValue)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"data.stride: an epoch would have {batches} batches of {batchSize} sequences, more than {int.MaxValue}; ")
                + "take a larger data.stride or training.batch_size.");
        }

        BatchesPerEpoch = (int)batches;
    }

    public int BatchesPerEpoch { get; }

    public int Epoch => _position.Epoch;

    public DataPosition Position
    {
        get => _position;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentOutOfRangeException.ThrowIfNegative(value.Epoch, nameof(value));
            ArgumentOutOfRangeException.ThrowIfNegative(value.BatchInEpoch, nameof(value));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value.BatchInEpoch, BatchesPerEpoch, nameof(value));
            _position = value;
        }
    }

    public Batch Next()
    {
        (int epoch, int batch) = _position;
        long start = (long)batch * _batchSize;
        long[] sequences = new long[(int)Math.Min(_batchSize, _dataset.Count - start)];
        _order.Copy(epoch, start, sequences);
        _position = batch + 1 < BatchesPerEpoch ? new DataPosition(epoch, batch + 1) : new DataPosition(epoch + 1, 0);
        return _dataset.BatchOf(sequences);
    }
}
