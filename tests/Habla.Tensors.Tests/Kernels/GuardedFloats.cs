using System.Runtime.InteropServices;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// Memory for a kernel to work on, so many floats past a 64-byte boundary, between two guards. A guard is NaN: what is read there
/// shows in the result, what is written there shows in the guard.
/// </summary>
internal sealed unsafe class GuardedFloats : IDisposable
{
    /// <summary>Longer than any one store, and a whole number of cache lines.</summary>
    private const int GuardLength = 64;

    private readonly float* _memory;
    private readonly int _total;

    /// <summary>Memory full of NaN: what a kernel does not write is not mistaken for a result.</summary>
    /// <param name="length">How many floats the kernel is given.</param>
    /// <param name="offset">How many floats they begin past the boundary.</param>
    public GuardedFloats(int length, int offset = 0)
    {
        (Length, _total) = (length, GuardLength + offset + length + GuardLength);
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)_total * sizeof(float), 64);
        Pointer = _memory + GuardLength + offset;
        new Span<float>(_memory, _total).Fill(float.NaN);
    }

    /// <summary>The same, with numbers to begin with.</summary>
    public GuardedFloats(ReadOnlySpan<float> values, int offset = 0)
        : this(values.Length, offset) => values.CopyTo(Span);

    ~GuardedFloats() => NativeMemory.AlignedFree(_memory);

    public int Length { get; }

    public float* Pointer { get; }

    public Span<float> Span => new(Pointer, Length);

    /// <summary>Puts the numbers there again that it began with.</summary>
    public void Restore(ReadOnlySpan<float> values) => values.CopyTo(Span);

    /// <summary>The numbers are those expected, to the last bit, and nothing beside them was touched.</summary>
    public void AssertHolds(ReadOnlySpan<float> expected, FormattableString what)
    {
        Bits.AssertSame(expected, Span, what);
        AssertGuarded(what);
    }

    /// <summary>Nothing beside the numbers was touched.</summary>
    public void AssertGuarded(FormattableString what)
    {
        int before = (int)(Pointer - _memory);
        Bits.AssertAll(float.NaN, new ReadOnlySpan<float>(_memory, before), what, "before it");
        Bits.AssertAll(float.NaN, new ReadOnlySpan<float>(Pointer + Length, _total - before - Length), what, "behind it");
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        GC.SuppressFinalize(this);
    }
}
