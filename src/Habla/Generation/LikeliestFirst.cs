using System.Runtime.InteropServices;
using Habla.Tensors;

namespace Habla.Generation;

/// <summary>Finds the largest of many scores in order, without sorting the others.</summary>
/// <remarks>
/// A scan with a heap of the best so far: with 50,257 scores almost every one is smaller than the smallest of the heap and costs one
/// comparison. When a quarter or more is asked for, everything is sorted.
/// </remarks>
internal sealed class LikeliestFirst
{
    private ulong[] _keys = [];
    private int[] _places = [];

    /// <summary>What was found last: as many places as were asked for, and then some of no meaning.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Finds the places of the largest scores, from large to small; of equals the first place comes first.</summary>
    /// <param name="scores">Numbers, −∞ among them; no NaN.</param>
    /// <param name="count">How many; from 1 to all.</param>
    /// <param name="inOrder">Whether the scores stand in that order already.</param>
    public void Find(ReadOnlySpan<float> scores, int count, bool inOrder)
    {
        if (_places.Length < scores.Length)
        {
            (_places, _keys) = (new int[scores.Length], new ulong[scores.Length]);
        }

        if (inOrder)
        {
            for (int i = 0; i < count; i++)
            {
                _places[i] = i;
            }
        }
        else if (count == 1)
        {
            _places[0] = PlaceOf(LogitMath.Max(scores), scores);
        }
        else
        {
            int found = count >= scores.Length / 4 ? FillAll(scores) : FillHeap(scores, count);
            _keys.AsSpan(0, found).Sort();
            for (int i = 0; i < count; i++)
            {
                _places[i] = (int)(uint)_keys[i];
            }
        }
    }

    /// <summary>The first place of a number; whole numbers are found in vectors, and only 0 has two ways of being written.</summary>
    private static int PlaceOf(float score, ReadOnlySpan<float> scores) => score == 0
        ? scores.IndexOf(score)
        : MemoryMarshal.Cast<float, int>(scores).IndexOf(BitConverter.SingleToInt32Bits(score));

    /// <summary>
    /// A number that is smaller the likelier a token is, then the earlier its place: what is to come first is the smallest.
    /// </summary>
    internal static ulong Key(float score, int place)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f); // −0 becomes 0
        uint rising = (bits >> 31) != 0 ? ~bits : bits | 0x80000000;
        return ((ulong)~rising << 32) | (uint)place;
    }

    private int FillAll(ReadOnlySpan<float> scores)
    {
        for (int place = 0; place < scores.Length; place++)
        {
            _keys[place] = Key(scores[place], place);
        }

        return scores.Length;
    }

    /// <summary>A heap whose root is the least likely of those kept, so that it is what the next one has to beat.</summary>
    private int FillHeap(ReadOnlySpan<float> scores, int count)
    {
        Span<ulong> heap = _keys.AsSpan(0, count);
        for (int place = 0; place < count; place++)
        {
            heap[place] = Key(scores[place], place);
        }

        for (int node = (count / 2) - 1; node >= 0; node--)
        {
            Sink(heap, node);
        }

        float toBeat = ScoreOf(heap, scores);
        for (int place = count; place < scores.Length; place++)
        {
            if (scores[place] > toBeat) // an equal one comes later, and the earlier stays
            {
                heap[0] = Key(scores[place], place);
                Sink(heap, 0);
                toBeat = ScoreOf(heap, scores);
            }
        }

        return count;
    }

    private static float ScoreOf(ReadOnlySpan<ulong> heap, ReadOnlySpan<float> scores) => scores[(int)(uint)heap[0]];

    private static void Sink(Span<ulong> heap, int node)
    {
        ulong sinking = heap[node];
        for (int child = (2 * node) + 1; child < heap.Length; child = (2 * node) + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
            {
                child++;
            }

            if (heap[child] <= sinking)
            {
                break;
            }

            heap[node] = heap[child];
            node = child;
        }

        heap[node] = sinking;
    }
}
