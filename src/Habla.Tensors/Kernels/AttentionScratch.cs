using System.Diagnostics.CodeAnalysis;

namespace Habla.Tensors.Kernels;

/// <summary>A thread's memory for the matrices of one attention head; it grows to the most asked for and stays.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as the thread; the memory frees itself after that.")]
internal sealed unsafe class AttentionScratch
{
    [ThreadStatic]
    private static AttentionScratch? s_ofThisThread;

    private AlignedMemory _memory = new(1 << 12);
    private long _used;

    /// <summary>The scratch memory of this thread, with at least as many floats, all of them free.</summary>
    public static AttentionScratch OfThisThread(long floats)
    {
        AttentionScratch scratch = s_ofThisThread ??= new AttentionScratch();
        PackingBuffers.AtLeast(ref scratch._memory, floats);
        scratch._used = 0;
        return scratch;
    }

    /// <summary>How many floats are taken; a smaller number gives those beyond it back.</summary>
    public long Used
    {
        get => _used;
        set => _used = value;
    }

    /// <summary>The next so many floats.</summary>
    public float* Take(long floats)
    {
        float* taken = _memory.Pointer + _used;
        _used += floats;
        return taken;
    }
}
