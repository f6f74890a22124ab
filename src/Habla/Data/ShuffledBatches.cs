using System.Globalization;
using Habla.Tensors;

namespace Habla.Data;

/// <summary>
/// Batches in an order that is a function of the data seed and the epoch alone. So the position is two numbers, and a resumed run
/// shuffles once instead of drawing all that came before.
/// </summary>
internal sealed class ShuffledBatches : IBatchSource
{
    private readonly SequenceDataset _dataset;
    private readonly int _batchSize;
    private readonly ulong _dataSeed;
    private readonly bool _shuffle;
    private readonly int[] _order;
    private int _orderedEpoch = -1;
    private DataPosition _position = new(0, 0);

    public ShuffledBatches(SequenceDataset dataset, int batchSize, ulong dataSeed, bool shuffle, bool dropLast)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_dataset, _batchSize, _dataSeed, _shuffle) = (dataset, batchSize, dataSeed, shuffle);
        BatchesPerEpoch = (dataset.Count / batchSize) + (dropLast || dataset.Count % batchSize == 0 ? 0 : 1);
        if (BatchesPerEpoch == 0)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"training.batch_size: {batchSize} sequences make a batch, but the data has {dataset.Count}; ")
                + "take a smaller batch, more data, or data.drop_last: false.");
        }

        _order = new int[dataset.Count];
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
        OrderFor(epoch);
        int start = batch * _batchSize;
        _position = batch + 1 < BatchesPerEpoch ? new DataPosition(epoch, batch + 1) : new DataPosition(epoch + 1, 0);
        return _dataset.BatchOf(_order.AsSpan(start, Math.Min(_batchSize, _order.Length - start)));
    }

    private void OrderFor(int epoch)
    {
        if (_orderedEpoch == epoch)
        {
            return;
        }

        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        if (_shuffle)
        {
            new SeededRandom(_dataSeed, RandomPurpose.DataOrder, (uint)epoch).Shuffle<int>(_order);
        }

        _orderedEpoch = epoch;
    }
}
