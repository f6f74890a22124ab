using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>Whole heads, forward and back, against the scalar twin.</summary>
public unsafe class AttentionTests
{
    [Fact]
    public void Every_length()
    {
        var fuzz = new Fuzz(1);
        for (int positions = 1; positions <= Fuzz.Largest; positions++)
        {
            Check(fuzz, 1, positions, 1, 1 + fuzz.Below(6), fuzz.Pool());
        }
    }

    [Fact]
    public void Every_head_size()
    {
        var fuzz = new Fuzz(2);
        for (int size = 1; size <= Fuzz.Largest; size++)
        {
            Check(fuzz, 1, 1 + fuzz.Below(20), 1, size, fuzz.Pool());
        }
    }

    [Fact]
    public void Any_shape()
    {
        var fuzz = new Fuzz(3);
        for (int round = 0; round < 60; round++)
        {
            Check(fuzz, 1 + fuzz.Below(4), 1 + fuzz.Below(70), 1 + fuzz.Below(4), 1 + fuzz.Below(40), fuzz.Pool());
        }
    }

    [Fact]
    public void Heads_that_share_keys_and_values()
    {
        var fuzz = new Fuzz(5);
        for (int round = 0; round < 60; round++)
        {
            int sharing = 2 + fuzz.Below(4), keyValueHeads = 1 + fuzz.Below(3);
            Check(
                fuzz, 1 + fuzz.Below(3), 1 + fuzz.Below(70), sharing * keyValueHeads, 1 + fuzz.Below(40), fuzz.Pool(), keyValueHeads);
        }
    }

    [Fact]
    public void All_threads_agree_at_the_shapes_of_models()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            var fuzz = new Fuzz(4);
            Check(fuzz, 2, 32, 4, 16, pool);
            Check(fuzz, 1, 64, 2, 32, pool);
            Check(fuzz, 1, 130, 2, 64, pool);
            Check(fuzz, 2, 70, 4, 16, pool, keyValueHeads: 2);
        }
    }

    private static void Check(Fuzz fuzz, int batch, int positions, int heads, int headSize, WorkerPool pool, int? keyValueHeads = null)
    {
        foreach (bool keepsWeights in (bool[])[false, true])
        {
            Check(fuzz, new AttentionShape(batch, positions, heads, headSize, keyValueHeads ?? heads), keepsWeights, pool);
        }
    }

    private static void Check(Fuzz fuzz, AttentionShape shape, bool keepsWeights, WorkerPool pool)
    {
        (int batch, int positions, int heads, int headSize, int keyValueHeads) = shape;
        int numbers = batch * positions * shape.Width, joined = batch * positions * shape.QueryKeyValueWidth;
        float[] queryKeyValue = fuzz.Values(joined, 2), dy = fuzz.Values(numbers);
        float[]? bias = fuzz.Coin() ? [.. fuzz.Flags(batch * positions).Select(real => real ? 0f : float.NegativeInfinity)] : null;
        int[]? firstKeys = fuzz.Coin() ? Documents(fuzz, batch, positions) : null;
        float probability = fuzz.Coin() ? 0.25f : 0f;
        var random = new SeededRandom(5, RandomPurpose.Dropout, 6);
        ulong firstGroup = (ulong)fuzz.Below(1000);
        (bool padded, bool separate) = (bias is not null, firstKeys is not null);
        FormattableString what =
            $"{shape}, p {probability}, padding {padded}, documents {separate}, kept {keepsWeights}";

        var twin = new Twin.Attention(
            batch, positions, heads, headSize, bias, firstKeys, probability > 0 ? KeptIn(shape, random, firstGroup, probability) : null,
            Twin.DropoutScale(probability), keyValueHeads);
        (float[] output, float[] rowSums) = twin.Forward(queryKeyValue);

        using GuardedFloats px = new(queryKeyValue, fuzz.Offset()), py = fuzz.Empty(numbers), psums = fuzz.Empty(rowSums.Length);
        using GuardedFloats pweights = fuzz.Empty(keepsWeights ? (int)(shape.RowCount * shape.RowSize) : 0);
        AttentionMemory memory = keepsWeights ? new AttentionMemory(pweights.Pointer, null) : new AttentionMemory(null, psums.Pointer);
        using GuardedFloats pbias = new(bias ?? [], fuzz.Offset()), pdy = new(dy, fuzz.Offset());
        ulong[] bits = new ulong[AttentionDropout.WordCount(shape) + 1];
        bits[^1] = 0xFEED;
        fixed (ulong* kept = bits)
        fixed (int* pfirst = firstKeys)
        {
            AttentionDropout dropout = probability > 0 ? new AttentionDropout(random, firstGroup, probability, kept) : default;
            pool.For(batch * keyValueHeads, new AttentionForward
            {
                Shape = shape, Dropout = dropout, QueryKeyValue = px.Pointer, KeyBias = bias is null ? null : pbias.Pointer,
                FirstKeys = pfirst, Output = py.Pointer, Memory = memory,
            });
            py.AssertHolds(output, $"y, {what}");
            if (!keepsWeights)
            {
                psums.AssertHolds(rowSums, $"row sums, {what}");
            }

            foreach (bool accumulate in (bool[])[false, true])
            {
                float[] old = fuzz.Values(joined), gradient = [.. old];
                twin.Backward(queryKeyValue, rowSums, dy, gradient, accumulate);
                using var pdx = new GuardedFloats(old, fuzz.Offset());
                pool.For(batch * keyValueHeads, new AttentionBackward
                {
                    Shape = shape, Dropout = dropout, QueryKeyValue = px.Pointer, KeyBias = bias is null ? null : pbias.Pointer,
                    FirstKeys = pfirst, Memory = memory, OutputGradient = pdy.Pointer, Gradient = pdx.Pointer, Accumulate = accumulate,
                });
                pdx.AssertHolds(gradient, $"dx, added {accumulate}, {what}");
            }
        }

        Assert.Equal(0xFEEDul, bits[^1]);
    }

    /// <summary>Documents of all lengths in each row: where the one that each position belongs to begins.</summary>
    private static int[] Documents(Fuzz fuzz, int batch, int positions)
    {
        int[] firstKeys = new int[batch * positions];
        for (int i = 0; i < firstKeys.Length; i++)
        {
            int position = i % positions;
            firstKeys[i] = position == 0 ? 0 : fuzz.Below(12) == 0 ? position : firstKeys[i - 1];
        }

        return firstKeys;
    }

    /// <summary>
    /// Where a query's random numbers are: each (sample, head) has an even number of rows, and a row a 64-bit word where there are no
    /// more keys, or else whole groups of 128.
    /// </summary>
    private static Func<int, int, bool[]> KeptIn(AttentionShape shape, SeededRandom random, ulong firstGroup, float probability)
    {
        int keys = shape.Positions, perRow = keys <= 64 ? 64 : (keys + 127) / 128 * 128, rows = keys + (keys % 2);
        return (piece, query) => Twin.AreKept(
            random, (firstGroup * 128) + ((((ulong)piece * (ulong)rows) + (ulong)query) * (ulong)perRow), perRow, probability);
    }
}
