using System.Diagnostics.CodeAnalysis;

namespace Habla.Tensors.Kernels;

/// <summary>A thread's strips of attention scores and their gradients; they grow to the largest asked for and stay.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "They live as long as the thread; the memory frees itself after that.")]
internal sealed unsafe class AttentionScratch
{
    [ThreadStatic]
    private static AttentionScratch? s_ofThisThread;

    private AlignedMemory _first = new(1 << 12);
    private AlignedMemory _second = new(1 << 12);

    public static AttentionScratch OfThisThread => s_ofThisThread ??= new AttentionScratch();

    public float* First(int length) => PackingBuffers.AtLeast(ref _first, length);

    public float* Second(int length) => PackingBuffers.AtLeast(ref _second, length);
}
