using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>A row of scores on its way to weights and back, with and without padding and dropout.</summary>
public unsafe class AttentionSoftmaxTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Every_number_of_keys_in_sight(bool masked, bool dropped)
    {
        var fuzz = new Fuzz(1);
        for (int seen = 1; seen <= Fuzz.Largest; seen++)
        {
            for (int round = 0; round < 4; round++)
            {
                int visible = seen + fuzz.Below(33);
                bool[]? hidden = masked ? fuzz.Flags(visible) : null;
                Check(fuzz, seen, visible, hidden, dropped ? 0.3f : 0f, fuzz.Values);
            }
        }
    }

    [Fact]
    public void NaN_and_infinite_scores_are_what_they_are_in_the_scalar_loop()
    {
        var fuzz = new Fuzz(2);
        for (int seen = 1; seen <= 70; seen++)
        {
            Check(fuzz, seen, seen + fuzz.Below(33), null, 0f, fuzz.WithSpecials);
        }
    }

    /// <summary>Whichever lane it is in, and whatever is beside it: the largest of a vector may come from beside a NaN.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_NaN_makes_all_weights_of_its_query_NaN(bool othersArePadding)
    {
        const int visible = 64;
        float* bias = stackalloc float[visible];
        for (int seen = 1; seen <= 50; seen++)
        {
            for (int at = 0; at < seen; at++)
            {
                using var row = new GuardedFloats(new float[visible]);
                row.Span[at] = float.NaN;
                new Span<float>(bias, visible).Fill(float.NegativeInfinity);
                bias[at] = 0;
                AttentionSoftmax.Forward(
                    row.Pointer, seen, visible, 1f, othersArePadding ? bias : null, null, 1f, out _, out float inverseSum);
                Assert.True(float.IsNaN(inverseSum), $"NaN at {at} of {seen}");
                Assert.All(row.Span[..seen].ToArray(), weight => Assert.Equal(float.NaN, weight));
            }
        }
    }

    private static void Check(Fuzz fuzz, int seen, int visible, bool[]? hidden, float probability, Func<int, float, float[]> numbers)
    {
        // A row has room for whole vectors; its memory is aligned in the engine, but nothing in the kernel depends on that.
        int room = (visible + 31) / 32 * 32, vectors = (seen + 15) / 16 * 16;
        float[] scores = numbers(room, 8), slopes = numbers(room, 1), row = [.. scores];
        float[] bias = [.. Enumerable.Range(0, visible).Select(key => hidden is not null && hidden[key] ? float.NegativeInfinity : 0f)];
        float scale = 1f / MathF.Sqrt(1 + fuzz.Below(64)), dropoutScale = Twin.DropoutScale(probability);
        ulong[] bits = [.. Enumerable.Range(0, (room / 64) + 1).Select(_ => (ulong)fuzz.Below(int.MaxValue) * 0x9E3779B97F4A7C15)];
        bool[]? kept = probability > 0 ? [.. Enumerable.Range(0, room).Select(i => (bits[i / 64] >> (i % 64) & 1) == 1)] : null;
        FormattableString what = $"{seen} keys of {visible}";

        using GuardedFloats at = new(scores, fuzz.Offset()), pbias = new(bias, fuzz.Offset());
        float* b = hidden is null ? null : pbias.Pointer;
        ReadOnlySpan<float> twinBias = hidden is null ? default : bias;
        fixed (ulong* pointer = bits)
        {
            ulong* k = kept is null ? null : pointer;
            (float max, float inverseSum) = Twin.AttentionWeights(
                row.AsSpan(0, visible), seen, scale, twinBias, kept, dropoutScale);
            AttentionSoftmax.Forward(at.Pointer, seen, visible, scale, b, k, dropoutScale, out float foundMax, out float foundInverse);
            AssertRow(row, scores, at, visible, vectors, $"weights of {what}");
            Bits.AssertSame(inverseSum, foundInverse, $"inverse sum of {what}");
            if (!scores.AsSpan(0, seen).ContainsAny([float.NaN]))
            {
                Assert.Equal(max, foundMax); // among NaN the largest may be any number
            }

            float[] twinRow = [.. scores], twinSlopes = [.. slopes];
            int whole = Math.Max(visible, vectors);
            Twin.AttentionSlopes(
                twinRow.AsSpan(0, whole), twinSlopes.AsSpan(0, whole), seen, scale, twinBias, foundMax, foundInverse, kept, dropoutScale);
            using GuardedFloats again = new(scores, fuzz.Offset()), ds = new(slopes, fuzz.Offset());
            AttentionSoftmax.Backward(
                again.Pointer, ds.Pointer, seen, visible, scale, b, foundMax, foundInverse, k, dropoutScale);
            AssertRow(twinRow, scores, again, visible, vectors, $"weights of {what}, back");
            AssertRow(twinSlopes, slopes, ds, visible, vectors, $"slopes of {what}");
        }
    }

    /// <summary>What counts is there up to the end of the row, and nothing is touched behind the vector that it ends in.</summary>
    private static void AssertRow(float[] expected, float[] before, GuardedFloats found, int visible, int vectors, FormattableString what)
    {
        int end = Math.Max(vectors, (visible + 15) / 16 * 16);
        Bits.AssertSame(expected.AsSpan(0, visible), found.Span[..visible], what);
        Bits.AssertSame(before.AsSpan(end), found.Span[end..], what);
        found.AssertGuarded(what);
    }
}
