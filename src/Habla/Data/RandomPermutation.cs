using System.Numerics;
using Habla.Tensors;

namespace Habla.Data;

/// <summary>
/// A random order of the numbers from 0 to N - 1 in which each place is computed by itself, in no memory and the same time for any N:
/// the sum of a hash of one half of a number's bits is added to the other half, a few times over, which can be undone step by step
/// and so maps no two numbers to one. A result that is not below N is mapped again, until one is.
/// </summary>
/// <remarks>
/// A Feistel network with halves of unequal width and cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains",
/// CT-RSA 2002. The hash is Philox, keyed by seed and epoch. It is no cipher; it has to look random to a training run, and tests hold it
/// to that. Numbers of b bits with 2^(b-1) &lt; N are mapped, so fewer than two rounds of walking are to be expected.
/// </remarks>
internal readonly struct RandomPermutation
{
    private const int Rounds = 8, RoundShift = 56;

    private readonly SeededRandom _random;
    private readonly long _count;
    private readonly int _lowBits;
    private readonly ulong _lowMask, _highMask;

    /// <summary>Names an order.</summary>
    /// <param name="count">N, at least 1 and at most 2^62.</param>
    /// <param name="seed">Any value.</param>
    /// <param name="epoch">A second number that gives an order of its own.</param>
    public RandomPermutation(long count, ulong seed, uint epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 62);
        int bits = 64 - BitOperations.LeadingZeroCount((ulong)count - 1);
        (_random, _count, _lowBits) = (new SeededRandom(seed, RandomPurpose.DataOrder, epoch), count, bits / 2);
        (_lowMask, _highMask) = ((1UL << _lowBits) - 1, (1UL << (bits - _lowBits)) - 1);
    }

    /// <summary>The number at a place.</summary>
    /// <param name="place">From 0 to N - 1.</param>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, _count);
            ulong number = (ulong)place;
            do
            {
                number = Mix(number);
            }
            while (number >= (ulong)_count);

            return (long)number;
        }
    }

    private ulong Mix(ulong number)
    {
        ulong low = number & _lowMask, high = number >> _lowBits;
        for (ulong round = 0; round < Rounds; round += 2)
        {
            low = (low + Hash(round, high)) & _lowMask;
            high = (high + Hash(round + 1, low)) & _highMask;
        }

        return (high << _lowBits) | low;
    }

    private ulong Hash(ulong round, ulong half)
    {
        PhiloxBlock block = _random.Block((round << RoundShift) | half);
        return ((ulong)block.W1 << 32) | block.W0;
    }
}
