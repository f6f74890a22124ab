using System.Runtime.InteropServices;

namespace Habla.Tensors;

/// <summary>A block of float32 outside the managed heap, aligned to 64 bytes (a cache line, a 512-bit vector).</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;

    private readonly long _bytes;

    public AlignedMemory(long length)
    {
        Length = length;
        _bytes = Math.Max(length, 1) * sizeof(float);
        Pointer = (float*)NativeMemory.AlignedAlloc((nuint)_bytes, Alignment);
        GC.AddMemoryPressure(_bytes);
    }

    ~AlignedMemory() => Free();

    /// <summary>The first element; null once disposed.</summary>
    public float* Pointer { get; private set; }

    /// <summary>How many floats fit.</summary>
    public long Length { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length * sizeof(float));

    private void Free()
    {
        if (Pointer is not null)
        {
            NativeMemory.AlignedFree(Pointer);
            GC.RemoveMemoryPressure(_bytes);
            Pointer = null;
        }
    }
}
