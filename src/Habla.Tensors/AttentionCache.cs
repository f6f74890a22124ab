using Habla.Tensors.Kernels;

namespace Habla.Tensors;

/// <summary>
/// The keys and values of one layer's attention for the positions read so far, of several rows (samples) of one length side by side, so
/// that <see cref="Ops.CachedAttention"/> computes those of new positions only.
/// </summary>
/// <remarks>
/// Keys lie in panels a tile wide, as <see cref="PackedMatrix{TTiles}"/> packs Kᵀ, values row by row: both are read by the kernels of
/// <see cref="Ops.CausalAttention"/>, and every number comes out with the same bits. A row's memory grows by doubling, up to the capacity.
/// A row that is left out or copied moves no other: rows are numbers of blocks of memory, and those that are free serve again.
/// </remarks>
public sealed unsafe class AttentionCache : IDisposable
{
    /// <summary>Room grows in whole panels of both widths.</summary>
    private const int RoomStep = 32;
    private const int FirstRoom = 64;

    private readonly List<AlignedMemory> _blocks = [];
    private readonly List<int> _free = [];
    private readonly List<int> _rows = [];
    private int _room;

    /// <summary>Prepares an empty cache; memory is taken when positions come.</summary>
    /// <param name="keyValueHeadCount">H_kv: heads of keys and of values; at least 1.</param>
    /// <param name="headSize">D; at least 1.</param>
    /// <param name="capacity">The most positions of a row, in tokens; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public AttentionCache(int keyValueHeadCount, int headSize, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyValueHeadCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (KeyValueHeadCount, HeadSize, Capacity) = (keyValueHeadCount, headSize, capacity);
    }

    /// <summary>H_kv: heads of keys and of values.</summary>
    public int KeyValueHeadCount { get; }

    /// <summary>D: numbers in a key or a value.</summary>
    public int HeadSize { get; }

    /// <summary>The most positions of a row.</summary>
    public int Capacity { get; }

    /// <summary>Rows that are kept side by side; 0 at first.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Positions that are kept of each row; 0 at first.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of the memory held, used or not.</summary>
    public long Bytes => _blocks.Count * BlockSize * sizeof(float);

    /// <summary>Forgets everything and begins with empty rows.</summary>
    /// <param name="rows">How many; at least 0.</param>
    public void Clear(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        _free.AddRange(_rows);
        _rows.Clear();
        Length = 0;
        while (_rows.Count < rows)
        {
            _rows.Add(FreeBlock());
        }
    }

    /// <summary>Forgets the positions from one on.</summary>
    /// <param name="length">Positions that stay; at most <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than there are.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Goes on with some of the rows, in the order given; a row that is given again is copied.</summary>
    /// <param name="rows">For each new row, which of the old ones it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public void Select(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount);
        }

        int[] old = [.. _rows];
        bool[] taken = new bool[old.Length];
        _rows.Clear();
        foreach (int row in rows)
        {
            _rows.Add(taken[row] ? -1 : old[row]);
            taken[row] = true;
        }

        for (int row = 0; row < old.Length; row++)
        {
            if (!taken[row])
            {
                _free.Add(old[row]);
            }
        }

        for (int i = 0; i < rows.Length; i++)
        {
            if (_rows[i] < 0)
            {
                _rows[i] = FreeBlock();
                Copy(_blocks[old[rows[i]]].Pointer, _room, _blocks[_rows[i]].Pointer, _room);
            }
        }
    }

    /// <summary>Frees the memory, also after a call that found none: the cache is empty, and may be filled again.</summary>
    public void Dispose()
    {
        foreach (AlignedMemory block in _blocks)
        {
            block.Dispose();
        }

        _blocks.Clear();
        _free.Clear();
        _rows.Clear();
        (Length, _room) = (0, 0);
    }

    /// <summary>Positions that a head's memory has room for.</summary>
    internal int Room => _room;

    /// <summary>Floats from one position's value to the next: D rounded up to whole vectors.</summary>
    internal int ValueStride => (HeadSize + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>Floats from one head's memory to the next.</summary>
    internal long HeadStride => HeadStrideFor(_room);

    /// <summary>Where a row's first head begins: its keys, then its values.</summary>
    internal float* Row(int row) => _blocks[_rows[row]].Pointer;

    /// <summary>Makes room for so many positions of each row; what is there stays.</summary>
    internal void MakeRoom(int positions)
    {
        if (positions <= _room)
        {
            return;
        }

        int old = _room, most = RoundUp(Capacity);
        _room = Math.Min(most, Math.Max(RoundUp(positions), Math.Max(FirstRoom, (int)Math.Min(most, 2L * old))));
        for (int block = 0; block < _blocks.Count; block++)
        {
            AlignedMemory smaller = _blocks[block];
            _blocks[block] = new AlignedMemory(BlockSize);
            if (_rows.Contains(block))
            {
                Copy(smaller.Pointer, old, _blocks[block].Pointer, _room);
            }

            smaller.Dispose();
        }
    }

    /// <summary>The keys and values of so many positions were added.</summary>
    internal void Advance(int positions) => Length += positions;

    private long BlockSize => KeyValueHeadCount * HeadStride;

    private long HeadStrideFor(int room) => (long)room * (HeadSize + ValueStride);

    private static int RoundUp(int positions) => (positions + RoomStep - 1) / RoomStep * RoomStep;

    private int FreeBlock()
    {
        if (_free.Count == 0)
        {
            _blocks.Add(new AlignedMemory(BlockSize));
            return _blocks.Count - 1;
        }

        int block = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        return block;
    }

    /// <summary>Copies a row from memory with one room to memory with another.</summary>
    private void Copy(float* from, int fromRoom, float* to, int toRoom)
    {
        long keys = (long)RoundUp(Length) * HeadSize * sizeof(float), values = (long)Length * ValueStride * sizeof(float);
        for (int head = 0; head < KeyValueHeadCount; head++)
        {
            float* source = from + (head * HeadStrideFor(fromRoom)), destination = to + (head * HeadStrideFor(toRoom));
            Buffer.MemoryCopy(source, destination, keys, keys);
            Buffer.MemoryCopy(source + ((long)fromRoom * HeadSize), destination + ((long)toRoom * HeadSize), values, values);
        }
    }
}
