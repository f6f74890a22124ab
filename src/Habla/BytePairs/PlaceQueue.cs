namespace Habla.BytePairs;

/// <summary>A binary heap of places, the lowest rank first and of one rank the lowest place; both in one number.</summary>
internal sealed class PlaceQueue
{
    private ulong[] _heap;
    private int _count;

    public PlaceQueue(int capacity) => _heap = new ulong[Math.Max(capacity, 16)];

    public void Add(int rank, int place)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * _count);
        }

        ulong added = ((ulong)(uint)rank << 32) | (uint)place;
        int at = _count++;
        while (at > 0 && _heap[(at - 1) / 2] > added)
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = added;
    }

    public bool TryTake(out int rank, out int place)
    {
        if (_count == 0)
        {
            (rank, place) = (0, 0);
            return false;
        }

        (rank, place) = ((int)(_heap[0] >> 32), (int)_heap[0]);
        ulong last = _heap[--_count];
        int at = 0;
        for (int child = 1; child < _count; child = (2 * at) + 1)
        {
            child += child + 1 < _count && _heap[child + 1] < _heap[child] ? 1 : 0;
            if (_heap[child] >= last)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = last;
        return true;
    }
}
