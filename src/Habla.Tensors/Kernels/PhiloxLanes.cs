using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Philox on 16 lanes: 16 consecutive counter blocks at once, 64 words. Integers only, so every machine gives the same bits.
/// </summary>
/// <remarks>
/// Even and odd blocks go through the rounds apart, a word in each 64-bit lane, because that is how a machine multiplies 32 by 32 bits.
/// With 16 words in a register, taken apart and put together for each product, a round took 18 instructions one after another instead
/// of 14 in two independent chains.
/// </remarks>
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
        var even = new State(Vector512.Create((ulong)(uint)firstBlock) + (Vector512<ulong>.Indices * 2), firstBlock >> 32, step, purpose);
        var odd = new State(even.A + Vector512<ulong>.One, firstBlock >> 32, step, purpose);
        Vector512<ulong> keyA = Vector512.Create((ulong)k0), keyC = Vector512.Create((ulong)k1);
        for (int round = 0; round < Rounds; round++)
        {
            even = even.Next(keyA, keyC);
            odd = odd.Next(keyA, keyC);
            keyA += Vector512.Create(0x9E3779B9ul);
            keyC += Vector512.Create(0xBB67AE85ul);
        }

        w0 = Interleave(even.A, odd.A);
        w1 = Interleave(even.B, odd.B);
        w2 = Interleave(even.C, odd.C);
        w3 = Interleave(even.D, odd.D);
    }

    /// <summary>The lower halves in turn: even, odd, even, …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Interleave(Vector512<ulong> even, Vector512<ulong> odd) => Vector512
        .ConditionalSelect(Vector512.Create(0xFFFFFFFFul), even, Vector512.ShiftLeft(odd, 32)).AsUInt32();

    /// <summary>The 64-bit product of each 64-bit lane's lower half and a factor: one instruction where there is AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLowerHalves(Vector512<ulong> x, uint factor) => Avx512F.IsSupported
        ? Avx512F.Multiply(x.AsUInt32(), Vector512.Create(factor))
        : (x & Vector512.Create(0xFFFFFFFFul)) * Vector512.Create((ulong)factor);

    /// <summary>
    /// The four words of eight blocks, each in the lower half of a 64-bit lane; what is in the upper halves does not matter.
    /// </summary>
    private readonly struct State(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c, Vector512<ulong> d)
    {
        public readonly Vector512<ulong> A = a, B = b, C = c, D = d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public State(Vector512<ulong> a, ulong b, uint c, uint d)
            : this(a, Vector512.Create(b), Vector512.Create((ulong)c), Vector512.Create((ulong)d))
        {
        }

        /// <summary>One round. A product's lower half is the next word, its upper half goes into the one before.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public State Next(Vector512<ulong> keyA, Vector512<ulong> keyC)
        {
            Vector512<ulong> fromA = MultiplyLowerHalves(A, 0xD2511F53u), fromC = MultiplyLowerHalves(C, 0xCD9E8D57u);
            return new State(
                Vector512.ShiftRightLogical(fromC, 32) ^ B ^ keyA, fromC, Vector512.ShiftRightLogical(fromA, 32) ^ D ^ keyC, fromA);
        }
    }
}
