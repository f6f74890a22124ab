using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Decides which numbers are dropped, as the random words of their places say, and writes it down in a bit each: 1 means kept. The
/// backward pass reads the bits, because drawing costs twenty times as much as reading.
/// </summary>
internal static unsafe class DropoutKernel
{
    /// <summary>A word below this means "drop": p·2³², so that the chance is p to within 2⁻³².</summary>
    public static uint Threshold(float probability) => (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);

    /// <summary>How many counter blocks a stretch of numbers uses: whole groups, so that stretches never share one.</summary>
    public static long BlocksFor(long count) =>
        (count + PhiloxLanes.Numbers - 1) / PhiloxLanes.Numbers * PhiloxLanes.Blocks;

    /// <summary>Draws the bits of a stretch of numbers, 64 a word.</summary>
    public static void Draw(ulong* kept, long count, in SeededRandom random, ulong firstBlock, float probability)
    {
        Vector512<uint> threshold = Vector512.Create(Threshold(probability));
        for (long i = 0; i < count; i += PhiloxLanes.Numbers, firstBlock += PhiloxLanes.Blocks)
        {
            PhiloxLanes.Words(
                random, firstBlock, out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3);
            *kept++ = Bits(w0, threshold) | (Bits(w1, threshold) << 16) | (Bits(w2, threshold) << 32) | (Bits(w3, threshold) << 48);
        }
    }

    /// <summary>y = base + x·m/(1 − p), with m the bits and a base of zero where it is null. In place is allowed.</summary>
    public static void Apply(float* x, float* basis, float* y, long count, ulong* kept, float probability)
    {
        Vector512<float> scale = Vector512.Create(1f / (1f - probability));
        for (long i = 0; i < count; i += Lanes.Count)
        {
            int width = (int)Math.Min(Lanes.Count, count - i);
            Vector512<float> result = Keep(Lanes.Load(x + i, width) * scale, kept[i / 64] >> (int)(i % 64));
            Lanes.Store(basis is null ? result : Lanes.Load(basis + i, width) + result, y + i, width);
        }
    }

    /// <summary>x where the lane's bit is set among the lowest 16, 0 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Keep(Vector512<float> x, ulong bits)
    {
        Vector512<int> lanes = Vector512.Create(
            1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7,
            1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);
        Vector512<int> set = Vector512.Create((int)bits) & lanes;
        return Vector512.ConditionalSelect(Vector512.Equals(set, lanes).AsSingle(), x, default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector512<uint> words, Vector512<uint> threshold) =>
        Vector512.GreaterThanOrEqual(words, threshold).ExtractMostSignificantBits();
}
