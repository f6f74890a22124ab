using System.Runtime.InteropServices;

namespace Habla.Tensors;

/// <summary>
/// Where the operation that computes now sees 16-bit tensors as float32 numbers. A window opens when an operation first asks for a
/// tensor and closes when it is done; its memory then serves the next operation, so all windows together take what the
/// largest operation needs at a time.
/// </summary>
/// <remarks>
/// Kernels that read and write 16-bit numbers themselves would need no windows, but a second form of each kernel. Windows cost two passes
/// over memory that mostly stays in the cache.
/// </remarks>
internal sealed unsafe class Windows : IDisposable
{
    private const int FloatsPerLine = 16;

    private readonly List<Window> _open = [];
    private readonly List<AlignedMemory> _slabs = [];
    private long _usedInLast, _inUse, _mostInUse;

    /// <summary>All floats there is memory for.</summary>
    public long Capacity => _slabs.Sum(slab => slab.Length);

    /// <summary>The windows that are open; closing those that open after this leaves them open.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Memory for a tensor's window, or for that of its gradient, with undefined content.</summary>
    public float* Open(Tensor tensor, bool ofGradient)
    {
        long floats = ((long)tensor.Shape.Count + FloatsPerLine - 1) / FloatsPerLine * FloatsPerLine;
        _open.Add(new Window(tensor, ofGradient, floats, _slabs.Count, _usedInLast));
        if (_slabs.Count == 0 || _usedInLast + floats > _slabs[^1].Length)
        {
            _slabs.Add(new AlignedMemory(floats));
            _usedInLast = 0;
        }

        float* memory = _slabs[^1].Pointer + _usedInLast;
        _usedInLast += floats;
        _inUse += floats;
        _mostInUse = Math.Max(_mostInUse, _inUse);
        return memory;
    }

    /// <summary>Closes windows; what was changed in them is stored.</summary>
    /// <param name="changed">The tensor whose numbers the operation has written; null for none.</param>
    /// <param name="from">How many windows stay open, the first ones.</param>
    public void Close(Tensor? changed, int from = 0)
    {
        foreach (Window window in CollectionsMarshal.AsSpan(_open)[from..])
        {
            window.Tensor.CloseWindow(window.OfGradient, stores: window.Tensor == changed);
        }

        GiveBack(from);
    }

    /// <summary>Closes all windows and stores nothing.</summary>
    public void Forget() => GiveBack(0);

    public void Dispose()
    {
        foreach (AlignedMemory slab in _slabs)
        {
            slab.Dispose();
        }

        _slabs.Clear();
    }

    private void GiveBack(int from)
    {
        if (from == _open.Count)
        {
            return;
        }

        foreach (Window window in CollectionsMarshal.AsSpan(_open)[from..])
        {
            _inUse -= window.Floats;
        }

        Window first = _open[from];
        if (first.SlabCount == _slabs.Count)
        {
            _usedInLast = first.UsedInLast;
        }
        else if (from == 0)
        {
            // All are closed and more than one slab was needed: from now on there is one that has room for as much.
            Dispose();
            _slabs.Add(new AlignedMemory(_mostInUse));
            _usedInLast = 0;
        }

        _open.RemoveRange(from, _open.Count - from);
    }

    /// <summary>An open window.</summary>
    /// <param name="Tensor">Whose it is.</param>
    /// <param name="OfGradient">Whether it shows the gradient.</param>
    /// <param name="Floats">What it takes.</param>
    /// <param name="SlabCount">Slabs there were before it opened.</param>
    /// <param name="UsedInLast">Floats that were used of the last one.</param>
    private readonly record struct Window(Tensor Tensor, bool OfGradient, long Floats, int SlabCount, long UsedInLast);
}
