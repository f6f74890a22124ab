using System.Diagnostics.CodeAnalysis;

namespace Habla.Tensors.Kernels;

/// <summary>The packing buffers of a thread; they grow to the largest block asked for and stay.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as the thread; the memory frees itself after that.")]
internal sealed unsafe class PackingBuffers
{
    [ThreadStatic]
    private static PackingBuffers? s_ofThisThread;

    private AlignedMemory _a = new(0), _b = new(1 << 16);

    public static PackingBuffers OfThisThread => s_ofThisThread ??= new PackingBuffers();

    /// <summary>Memory for rows of A.</summary>
    public float* A(long length) => AtLeast(ref _a, length);

    /// <summary>Memory for panels of B.</summary>
    public float* B(long length) => AtLeast(ref _b, length);

    internal static float* AtLeast(ref AlignedMemory memory, long length)
    {
        if (memory.Length < length)
        {
            // Empty in between: when there is not enough memory, what is left must not be the old one, freed.
            AlignedMemory old = memory;
            memory = new AlignedMemory(0);
            old.Dispose();
            memory = new AlignedMemory(length);
        }

        return memory.Pointer;
    }
}
