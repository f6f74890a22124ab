using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Decides which numbers are dropped, as the random words of their places say, and writes it down in a bit each: 1 means kept. The
/// backward pass reads the bits, because drawing costs ten times as much as reading.
/// </summary>
/// <remarks>
/// A number takes 16 random bits, so a group of 16 Philox blocks serves 128 numbers. Bit 32w + 2i of a group is the lower half of
/// word w of block i, the next bit its upper half. With 32 bits a number, drawing took 8 % of a step of the
/// preset book instead of 4 %; drawing again in the backward pass instead of keeping bits, another 8 %.
/// </remarks>
internal static unsafe class DropoutKernel
{
    /// <summary>How many numbers a group decides.</summary>
    public const int GroupSize = 128;

    /// <summary>How many 64-bit words their bits take.</summary>
    public const int WordsPerGroup = GroupSize / 64;

    /// <summary>16 bits below this mean "drop": p·2¹⁶, so that the chance is p to within 2⁻¹⁷.</summary>
    public static int Threshold(float probability) =>
        Math.Min((int)Math.Round(probability * 65536.0, MidpointRounding.ToEven), 65535);

    /// <summary>1/(1 − p) for the p that the threshold really gives, so that the expectation is kept.</summary>
    public static float Scale(float probability) => 65536f / (65536 - Threshold(probability));

    /// <summary>How many groups a stretch of numbers uses: whole ones, so that stretches never share one.</summary>
    public static long GroupsFor(long count) => (count + GroupSize - 1) / GroupSize;

    /// <summary>Draws the bits of whole groups.</summary>
    /// <param name="kept">Two words a group.</param>
    /// <param name="groups">How many.</param>
    /// <param name="random">The stream.</param>
    /// <param name="firstGroup">The first group's number in the stream.</param>
    /// <param name="probability">p</param>
    public static void Draw(ulong* kept, long groups, in SeededRandom random, ulong firstGroup, float probability)
    {
        Vector512<ushort> threshold = Vector512.Create((ushort)Threshold(probability));
        SeededRandom stream = random;
        for (long group = 0; group < groups; group++, kept += WordsPerGroup)
        {
            PhiloxLanes.Words(
                stream, (firstGroup + (ulong)group) * PhiloxLanes.Blocks,
                out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3);
            kept[0] = Bits(w0, threshold) | (Bits(w1, threshold) << 32);
            kept[1] = Bits(w2, threshold) | (Bits(w3, threshold) << 32);
        }
    }

    /// <summary>y = base + x·m/(1 − p), with m the bits and a base of zero where it is null. In place is allowed.</summary>
    public static void Apply(float* x, float* basis, float* y, long count, ulong* kept, float probability)
    {
        Vector512<float> scale = Vector512.Create(Scale(probability));
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
        return Vector512.ConditionalSelect(Vector512.Equals(set, lanes).AsSingle(), x, Vector512<float>.Zero);
    }

    /// <summary>A bit for each half of 16 words, the lower half first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector512<uint> words, Vector512<ushort> threshold) =>
        Vector512.GreaterThanOrEqual(words.AsUInt16(), threshold).ExtractMostSignificantBits();
}
