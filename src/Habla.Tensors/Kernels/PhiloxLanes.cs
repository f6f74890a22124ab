using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Philox on 16 lanes: 16 consecutive counter blocks at once, 64 words. Integers only, so every machine gives the same bits.
/// </summary>
internal static class PhiloxLanes
{
    /// <summary>How many counter blocks one call uses.</summary>
    public const int Blocks = 16;

    private const int Rounds = 10;

    /// <summary>The words of the blocks <paramref name="firstBlock"/> … + 15; lane i of each vector is of block i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(
        in SeededRandom random, ulong firstBlock,
        out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3)
    {
        random.Key(out uint k0, out uint k1, out uint step, out uint purpose);

        // The blocks of a group share the counter's high word because groups start at multiples of 16. Locals, not the parameters:
        // those would live in memory, and the ten rounds would take four times as long.
        Vector512<uint> a = Vector512.Create((uint)firstBlock) + Vector512<uint>.Indices;
        Vector512<uint> b = Vector512.Create((uint)(firstBlock >> 32));
        Vector512<uint> c = Vector512.Create(step);
        Vector512<uint> d = Vector512.Create(purpose);
        for (int round = 0; round < Rounds; round++)
        {
            MultiplyWide(a, 0xD2511F53u, out Vector512<uint> highA, out Vector512<uint> lowA);
            MultiplyWide(c, 0xCD9E8D57u, out Vector512<uint> highC, out Vector512<uint> lowC);
            a = highC ^ b ^ Vector512.Create(k0);
            b = lowC;
            c = highA ^ d ^ Vector512.Create(k1);
            d = lowA;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        (w0, w1, w2, w3) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyWide(Vector512<uint> x, uint factor, out Vector512<uint> high, out Vector512<uint> low)
    {
        // Even and odd lanes in turn: a 64-bit lane holds the whole product of its lower half.
        Vector512<ulong> evenLanes = Vector512.Create(0xFFFFFFFFul);
        Vector512<ulong> even = MultiplyLowerHalves(x.AsUInt64(), factor);
        Vector512<ulong> odd = MultiplyLowerHalves(Vector512.ShiftRightLogical(x.AsUInt64(), 32), factor);
        low = Vector512.ConditionalSelect(evenLanes, even, Vector512.ShiftLeft(odd, 32)).AsUInt32();
        high = Vector512.ConditionalSelect(evenLanes, Vector512.ShiftRightLogical(even, 32), odd).AsUInt32();
    }

    /// <summary>The 64-bit product of each 64-bit lane's lower half and a factor: one instruction where there is AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLowerHalves(Vector512<ulong> x, uint factor) => Avx512F.IsSupported
        ? Avx512F.Multiply(x.AsUInt32(), Vector512.Create(factor))
        : (x & Vector512.Create(0xFFFFFFFFul)) * Vector512.Create((ulong)factor);
}
