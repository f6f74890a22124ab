namespace Habla.Tensors;

/// <summary>
/// Memory for one forward and backward pass: hands out slices of a slab one after another and takes all of them back at once.
/// The first pass may need several slabs; <see cref="Reset"/> then joins them into one large enough, so that later
/// passes of the same size allocate nothing and find their data where it was.
/// </summary>
internal sealed unsafe class Arena : IDisposable
{
    private const int FloatsPerLine = 16;
    private const long FirstSlab = 1 << 16;

    private readonly List<AlignedMemory> _slabs = [];
    private long _usedInLast;

    /// <summary>All floats the arena holds, used or not.</summary>
    public long Capacity => _slabs.Sum(slab => slab.Length);

    /// <summary>Hands out a 64-byte aligned slice with undefined content.</summary>
    public float* Allocate(long count)
    {
        long rounded = (count + FloatsPerLine - 1) / FloatsPerLine * FloatsPerLine;
        if (_slabs.Count == 0 || _usedInLast + rounded > _slabs[^1].Length)
        {
            _slabs.Add(new AlignedMemory(Math.Max(rounded, Math.Max(FirstSlab, Capacity))));
            _usedInLast = 0;
        }

        float* slice = _slabs[^1].Pointer + _usedInLast;
        _usedInLast += rounded;
        return slice;
    }

    /// <summary>Takes every slice back.</summary>
    public void Reset()
    {
        if (_slabs.Count > 1)
        {
            long needed = Capacity - _slabs[^1].Length + _usedInLast;
            Dispose();
            _slabs.Add(new AlignedMemory(needed));
        }

        _usedInLast = 0;
    }

    public void Dispose()
    {
        foreach (AlignedMemory slab in _slabs)
        {
            slab.Dispose();
        }

        _slabs.Clear();
    }
}
