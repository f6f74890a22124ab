using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>A block's rows of scores on their way to weights and back, with and without padding and dropout.</summary>
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
        for (int first = 0; first < Fuzz.Largest; first++)
        {
            int rows = 1 + fuzz.Below(32);
            bool[]? hidden = masked ? fuzz.Flags(first + rows) : null;
            Check(fuzz, first, rows, hidden, dropped ? 0.3f : 0f, fuzz.Values);
        }
    }

    [Fact]
    public void NaN_and_infinite_scores_are_what_they_are_in_the_scalar_loop()
    {
        var fuzz = new Fuzz(2);
        for (int first = 0; first < 70; first++)
        {
            Check(fuzz, first, 1 + fuzz.Below(32), null, 0f, fuzz.WithSpecials);
        }
    }

    /// <summary>Whichever lane it is in, and whatever is beside it: the largest of a vector may come from beside a NaN.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_NaN_makes_all_weights_of_its_query_NaN(bool othersArePadding)
    {
        const int room = 64;
        float* bias = stackalloc float[room], sums = stackalloc float[2];
        for (int seen = 1; seen <= 50; seen++)
        {
            for (int at = 0; at < seen; at++)
            {
                using var row = new GuardedFloats(new float[room]);
                row.Span[at] = float.NaN;
                new Span<float>(bias, room).Fill(float.NegativeInfinity);
                bias[at] = 0;
                var softmax = new AttentionSoftmax
                {
                    First = seen - 1, Rows = 1, Stride = room, Scale = 1f, Bias = othersArePadding ? bias : null, DropoutScale = 1f,
                };
                softmax.Forward(row.Pointer, null, sums);
                Assert.True(float.IsNaN(sums[1]), $"NaN at {at} of {seen}");
                Assert.All(row.Span[..seen].ToArray(), weight => Assert.Equal(float.NaN, weight));
            }
        }
    }

    private static void Check(Fuzz fuzz, int first, int rows, bool[]? hidden, float probability, Func<int, float, float[]> numbers)
    {
        // A row has room for whole vectors; its memory is aligned in the engine, but nothing in the kernel depends on that.
        int visible = first + rows, stride = (visible + 31) / 32 * 32, words = (stride / 64) + 1;
        float[] scores = numbers(rows * stride, 8), slopes = numbers(rows * stride, 1);
        float[] bias = [.. Enumerable.Range(0, visible).Select(key => hidden is not null && hidden[key] ? float.NegativeInfinity : 0f)];
        ulong[] bits = [.. Enumerable.Range(0, rows * words).Select(_ => (ulong)fuzz.Below(int.MaxValue) * 0x9E3779B97F4A7C15)];

        using GuardedFloats dropped = new(scores, fuzz.Offset()), weights = new(slopes, fuzz.Offset()), sums = fuzz.Empty(2 * rows);
        using GuardedFloats again = new(scores, fuzz.Offset()), ds = new(slopes, fuzz.Offset()), droppedAgain = new(scores, fuzz.Offset());
        using var pbias = new GuardedFloats(bias, fuzz.Offset());
        fixed (ulong* pointer = bits)
        {
            var softmax = new AttentionSoftmax
            {
                First = first, Rows = rows, Stride = stride, Scale = 1f / MathF.Sqrt(1 + fuzz.Below(64)),
                Bias = hidden is null ? null : pbias.Pointer, Kept = probability > 0 ? pointer : null, WordsPerRow = words,
                DropoutScale = Twin.DropoutScale(probability),
            };
            softmax.Forward(dropped.Pointer, weights.Pointer, sums.Pointer);
            softmax.Again(again.Pointer, sums.Pointer);
            softmax.Backward(again.Pointer, ds.Pointer, droppedAgain.Pointer);

            for (int i = 0; i < rows; i++)
            {
                bool[]? kept = probability > 0 ? [.. Enumerable.Range(0, stride).Select(key => IsSet(bits, (i * words * 64) + key))] : null;
                var row = new Row(first + i + 1, visible, i * stride, softmax.Scale, hidden is null ? null : bias, kept, probability);
                row.Check(scores, slopes, sums.Span.Slice(2 * i, 2), dropped, weights, again, ds, droppedAgain);
            }
        }

        Assert.All([dropped, weights, sums, again, ds, droppedAgain], memory => memory.AssertGuarded($"{rows} rows from {first}"));
    }

    private static bool IsSet(ulong[] bits, int at) => (bits[at / 64] >> (at % 64) & 1) == 1;

    /// <summary>One row of the block, compared with the scalar loop.</summary>
    private sealed record Row(int Seen, int Visible, int At, float Scale, float[]? Bias, bool[]? Kept, float Probability)
    {
        public void Check(
            float[] scores, float[] slopes, ReadOnlySpan<float> sums, GuardedFloats dropped, GuardedFloats weights, GuardedFloats again,
            GuardedFloats ds, GuardedFloats droppedAgain)
        {
            float dropoutScale = Twin.DropoutScale(Probability);
            float[] twin = [.. scores.AsSpan(At, Visible)], twinWeights = [.. twin];
            (float max, float inverseSum) = Twin.AttentionWeights(twin, Seen, Scale, Bias, Kept, dropoutScale);
            _ = Twin.AttentionWeights(twinWeights, Seen, Scale, Bias, null, 1f);
            AssertRow(twin, scores, dropped, "weights, dropped");
            AssertRow(twinWeights, slopes, weights, "weights");
            Bits.AssertSame(inverseSum, sums[1], $"inverse sum of {Seen} keys of {Visible}");
            if (!scores.AsSpan(At, Seen).ContainsAny([float.NaN]))
            {
                Assert.Equal(max, sums[0]); // among NaN the largest may be any number
            }

            int whole = Math.Max(Visible, (Seen + 15) / 16 * 16);
            float[] twinDropped = [.. scores.AsSpan(At, whole)], twinSlopes = [.. slopes.AsSpan(At, whole)];
            Twin.AttentionSlopes(twinDropped, twinSlopes, Seen, Scale, Bias, sums[0], sums[1], Kept, dropoutScale);
            AssertRow(twinWeights, scores, again, "weights, again");
            AssertRow(twinSlopes, slopes, ds, "slopes");
            if (Kept is not null)
            {
                AssertRow(twinDropped, scores, droppedAgain, "weights, dropped again");
            }
        }

        /// <summary>What counts is there up to the end of the row, and nothing is touched behind the vector that it ends in.</summary>
        private void AssertRow(float[] expected, float[] before, GuardedFloats found, string what)
        {
            int end = Math.Max((Seen + 15) / 16 * 16, (Visible + 15) / 16 * 16), stride = (Visible + 31) / 32 * 32;
            Bits.AssertSame(expected.AsSpan(0, Visible), found.Span.Slice(At, Visible), $"{what}: {Seen} keys of {Visible}");
            Bits.AssertSame(before.AsSpan(At + end, stride - end), found.Span[(At + end)..(At + stride)], $"{what}: behind {Visible}");
        }
    }
}
