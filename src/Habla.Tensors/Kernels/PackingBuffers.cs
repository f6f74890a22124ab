using System.Diagnostics.CodeAnalysis;

namespace Habla.Tensors.Kernels;

/// <summary>The two packing buffers of a thread; they grow to the largest block asked for and stay.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "They live as long as the thread; the memory frees itself after that.")]
internal sealed unsafe class PackingBuffers
{
    [ThreadStatic]
    private static PackingBuffers? s_ofThisThread;

    private AlignedMemory _a = new(1 << 14);
    private AlignedMemory _b = new(1 << 16);

    public static PackingBuffers OfThisThread => s_ofThisThread ??= new PackingBuffers();

    public float* A(int length) => AtLeast(ref _a, length);

    public float* B(int length) => AtLeast(ref _b, length);

    internal static float* AtLeast(ref AlignedMemory memory, int length)
    {
        if (memory.Length < length)
        {
            memory.Dispose();
            memory = new AlignedMemory(length);
        }

        return memory.Pointer;
    }
}
