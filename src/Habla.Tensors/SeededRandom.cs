using System.Runtime.InteropServices;

namespace Habla.Tensors;

/// <summary>
/// Counter-based random numbers (Philox-4x32-10): each number is a pure function of (seed, purpose, step, index). Nothing is
/// "drawn", so the numbers do not depend on who asks first, on the number of threads, or on where a run was resumed.
/// </summary>
/// <remarks>Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
/// <param name="seed">The seed; any value.</param>
/// <param name="purpose">The stream.</param>
/// <param name="step">A second coordinate of the stream: a training step, an epoch, a layer; 0 by default.</param>
public readonly struct SeededRandom(ulong seed, RandomPurpose purpose, uint step = 0)
{
    private const int Rounds = 10;

    /// <summary>What every block of the stream has in common: the key and the upper half of the counter.</summary>
    internal void Key(out uint k0, out uint k1, out uint counter2, out uint counter3) =>
        (k0, k1, counter2, counter3) = ((uint)seed, (uint)(seed >> 32), step, (uint)purpose);

    /// <summary>The four random words with one counter: the numbers at indices 4·block … 4·block + 3.</summary>
    /// <param name="block">The counter.</param>
    public PhiloxBlock Block(ulong block)
    {
        uint c0 = (uint)block, c1 = (uint)(block >> 32), c2 = step, c3 = (uint)purpose;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = 0xD2511F53ul * c0;
            ulong p1 = 0xCD9E8D57ul * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return new PhiloxBlock(c0, c1, c2, c3);
    }

    /// <summary>The random word at an index, uniform over all 32-bit values.</summary>
    /// <param name="index">Which number of the stream.</param>
    public uint UInt32(ulong index)
    {
        PhiloxBlock block = Block(index >> 2);
        return (index & 3) switch { 0 => block.W0, 1 => block.W1, 2 => block.W2, _ => block.W3 };
    }

    /// <summary>A number uniform in [0, 1), in steps of 2⁻²⁴.</summary>
    /// <param name="index">Which number of the stream.</param>
    public float Uniform(ulong index) => (UInt32(index) >> 8) * (1f / (1 << 24));

    /// <summary>A whole number uniform in [0, bound).</summary>
    /// <param name="index">Which number of the stream; its 64 random bits come from a block of its own.</param>
    /// <param name="bound">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Below(ulong index, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        PhiloxBlock block = Block(index);

        // The high half of a 64 × 32 bit product: the bias is below 2⁻³², far under what any use here could show.
        ulong word = ((ulong)block.W0 << 32) | block.W1;
        return (int)Math.BigMul(word, (ulong)bound, out _);
    }

    /// <summary>A number from the standard normal distribution (Box–Muller in float64, rounded to float32).</summary>
    /// <param name="index">Which number of the stream; it has a block of its own.</param>
    public float Normal(ulong index)
    {
        PhiloxBlock block = Block(index);
        double u = (block.W0 + 1.0) * (1.0 / 4294967296.0);
        double v = block.W1 * (1.0 / 4294967296.0);
        return (float)(Math.Sqrt(-2.0 * PortableMath.Log(u)) * PortableMath.Cos(2.0 * Math.PI * v));
    }

    /// <summary>Puts a list in random order (Fisher–Yates); the same stream always gives the same order.</summary>
    /// <typeparam name="T">The items' type.</typeparam>
    /// <param name="items">Reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = Below((ulong)last, last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}

/// <summary>Four random 32-bit words that share one counter.</summary>
/// <param name="W0">The first word.</param>
/// <param name="W1">The second word.</param>
/// <param name="W2">The third word.</param>
/// <param name="W3">The fourth word.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PhiloxBlock(uint W0, uint W1, uint W2, uint W3);
