using System.Runtime.InteropServices;

namespace Habla.Tensors;

/// <summary>A block of float32 outside the managed heap, aligned to 64 bytes (a cache line, a 512-bit vector).</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;

    private readonly long _bytes;
    private float* _pointer;

    public AlignedMemory(long length)
    {
        Length = length;
        _bytes = Math.Max(length, 1) * sizeof(float);
        _pointer = (float*)NativeMemory.AlignedAlloc((nuint)_bytes, Alignment);
        GC.AddMemoryPressure(_bytes);
    }

    ~AlignedMemory() => Free();

    /// <summary>The first element.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>How many floats fit.</summary>
    public long Length { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear()
    {
        NativeMemory.Clear(Pointer, (nuint)Length * sizeof(float));
        GC.KeepAlive(this);
    }

    private void Free()
    {
        if (_pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            GC.RemoveMemoryPressure(_bytes);
            _pointer = null;
        }
    }
}
