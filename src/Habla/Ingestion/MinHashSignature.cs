using System.Numerics;
using System.Runtime.InteropServices;

namespace Habla.Ingestion;

/// <summary>
/// 128 numbers that stand for a text: of each two texts, as large a share of the numbers agrees as of their pieces they have in
/// common, on average.
/// </summary>
/// <remarks>
/// MinHash (A. Broder, On the resemblance and containment of documents, 1997) over 5-grams of words, or of characters where a text has
/// fewer than ten words. The numbers are a function of the text alone: the same on every machine, for any number of threads.
/// </remarks>
public sealed class MinHashSignature
{
    /// <summary>How many numbers there are; their agreement is within 0.035 of the truth at 0.8, one time in three not.</summary>
    public const int Size = 128;

    private static readonly uint[] _factors = Series(1, number => (uint)number | 1), _terms = Series(2, number => (uint)number);

    private readonly uint[] _least;

    private MinHashSignature(uint[] least) => _least = least;

    internal ReadOnlySpan<uint> Least => _least;

    /// <summary>The signature of a text.</summary>
    /// <param name="text">Any text. Case, and what stands between words, makes no difference.</param>
    public static MinHashSignature Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var taker = new Taker(new uint[Size]);
        taker.Restart();
        Shingles.Cut(text, ref taker);
        return new MinHashSignature(taker.Least);
    }

    /// <summary>An estimate of the share of pieces that two texts have in common, of all that one of them has (Jaccard).</summary>
    /// <param name="other">The other text's signature.</param>
    /// <returns>0 to 1, in steps of 1/128.</returns>
    public double Similarity(MinHashSignature other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int same = 0;
        for (int i = 0; i < Size; i++)
        {
            same += _least[i] == other._least[i] ? 1 : 0;
        }

        return (double)same / Size;
    }

    /// <summary>Numbers of SplitMix64, so that nothing needs to be kept in a table.</summary>
    private static uint[] Series(ulong seed, Func<ulong, uint> choose)
    {
        uint[] series = new uint[Size];
        ulong state = seed * 0xD1342543DE82EF95;
        for (int i = 0; i < Size; i++)
        {
            ulong mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            series[i] = choose((mixed ^ (mixed >> 31)) >> 16);
        }

        return series;
    }

    /// <summary>
    /// Keeps the least of each of the 128 orders of pieces. An order is a multiplication by an odd number and an addition, and then a
    /// mix, without which the orders would resemble each other. Whole numbers: the width of the vectors changes nothing.
    /// </summary>
    private readonly struct Taker(uint[] least) : Shingles.ITaker
    {
        public uint[] Least => least;

        public void Restart() => Array.Fill(least, uint.MaxValue);

        public void Take(uint piece)
        {
            ReadOnlySpan<Vector<uint>> factors = MemoryMarshal.Cast<uint, Vector<uint>>(_factors);
            ReadOnlySpan<Vector<uint>> terms = MemoryMarshal.Cast<uint, Vector<uint>>(_terms);
            Span<Vector<uint>> best = MemoryMarshal.Cast<uint, Vector<uint>>(least.AsSpan());
            var pieces = new Vector<uint>(piece);
            var mix = new Vector<uint>(0x85EBCA6B);
            for (int i = 0; i < best.Length; i++)
            {
                Vector<uint> place = (pieces * factors[i]) + terms[i];
                place = (place ^ (place >>> 15)) * mix;
                best[i] = Vector.Min(best[i], place ^ (place >>> 13));
            }
        }
    }
}
