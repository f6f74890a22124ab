using System.Diagnostics.CodeAnalysis;

namespace Habla.Tensors.Kernels;

/// <summary>The packing buffer of a thread; it grows to the largest block asked for and stays.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as the thread; the memory frees itself after that.")]
internal sealed unsafe class PackingBuffers
{
    [ThreadStatic]
    private static PackingBuffers? s_ofThisThread;

    private AlignedMemory _b = new(1 << 16);

    public static PackingBuffers OfThisThread => s_ofThisThread ??= new PackingBuffers();

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
