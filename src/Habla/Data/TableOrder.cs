using Habla.Tensors;

namespace Habla.Data;

/// <summary>
/// The order as a table, shuffled once an epoch (Fisher-Yates): four bytes a sequence. Sentences and windows over a text in memory have
/// it; they take more memory than the table does.
/// </summary>
internal sealed class TableOrder(int count, ulong dataSeed, bool shuffle) : SequenceOrder
{
    private readonly int[] _order = new int[count];
    private int _orderedEpoch = -1;

    public override void Copy(int epoch, long start, Span<long> sequences)
    {
        OrderFor(epoch);
        for (int i = 0; i < sequences.Length; i++)
        {
            sequences[i] = _order[start + i];
        }
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

        if (shuffle)
        {
            new SeededRandom(dataSeed, RandomPurpose.DataOrder, (uint)epoch).Shuffle<int>(_order);
        }

        _orderedEpoch = epoch;
    }
}
