using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>Attention that adds to a cache gives the bits of attention over the whole rows, however these are cut.</summary>
public sealed class CachedAttentionTests : IDisposable
{
    private readonly ParameterSet _none = new();

    public void Dispose() => _none.Dispose();

    [Fact]
    public void Every_length_a_position_at_a_time()
    {
        var fuzz = new Fuzz(51);
        float[] row = fuzz.Values(Fuzz.Largest * 3 * 20, 2);
        using var cache = new AttentionCache(2, 10, Fuzz.Largest);
        cache.Clear(1);
        float[] whole = Whole(row, 1, 2, 2, 10, fuzz.Pool());
        for (int position = 0; position < Fuzz.Largest; position++)
        {
            float[] found = Add(row.AsSpan(position * 60, 60), 1, 2, cache, fuzz.Pool());
            Bits.AssertSame(whole.AsSpan(position * 20, 20), found, $"position {position}");
            Assert.Equal(position + 1, cache.Length);
        }
    }

    [Fact]
    public void Any_shape_in_pieces_of_any_length_for_every_number_of_threads()
    {
        var fuzz = new Fuzz(52);
        for (int round = 0; round < 120; round++)
        {
            int batch = 1 + fuzz.Below(4), positions = 1 + fuzz.Below(150), keyValueHeads = 1 + fuzz.Below(3), group = 1 + fuzz.Below(3);
            Check(fuzz, batch, positions, keyValueHeads * group, keyValueHeads, 1 + fuzz.Below(70));
        }
    }

    [Fact]
    public void Shapes_of_models()
    {
        var fuzz = new Fuzz(53);
        Check(fuzz, 2, 32, 4, 4, 16);
        Check(fuzz, 1, 64, 4, 4, 32);
        Check(fuzz, 3, 130, 8, 2, 64);
        Check(fuzz, 1, 300, 4, 1, 128);
        Check(fuzz, 2, 40, 70, 2, 6); // more heads share keys than a block has queries
    }

    [Fact]
    public void Rows_are_left_out_exchanged_copied_and_taken_up_at_an_earlier_position()
    {
        const int heads = 3, headSize = 9, inputs = 3 * heads * headSize, outputs = heads * headSize, length = 100;
        var fuzz = new Fuzz(54);
        for (int round = 0; round < 40; round++)
        {
            using var cache = new AttentionCache(heads, headSize, length);
            cache.Clear(4);
            float[][] rows = [.. Enumerable.Range(0, 4).Select(_ => fuzz.Values(length * inputs, 2))];
            int filled = 0;
            for (int change = 0; change < 4; change++)
            {
                int more = fuzz.Below(length - filled) + 1;
                float[] input = [.. rows.SelectMany(row => row.AsSpan(filled * inputs, more * inputs).ToArray())];
                float[] found = Add(input, rows.Length, heads, cache, fuzz.Pool());
                for (int row = 0; row < rows.Length; row++)
                {
                    float[] whole = Whole(rows[row].AsSpan(0, (filled + more) * inputs), 1, heads, heads, headSize, fuzz.Pool());
                    Bits.AssertSame(
                        whole.AsSpan(filled * outputs), found.AsSpan(row * more * outputs, more * outputs), $"row {row}, change {change}");
                }

                int[] kept = [.. Enumerable.Range(0, 1 + fuzz.Below(5)).Select(_ => fuzz.Below(rows.Length))];
                cache.Select(kept);
                filled = fuzz.Below(filled + more);
                cache.Truncate(filled);

                // From here on copies go ways of their own.
                rows = [.. kept.Select(row =>
                    (float[])[.. rows[row].AsSpan(0, filled * inputs), .. fuzz.Values((length - filled) * inputs)])];
                Assert.Equal(kept.Length, cache.RowCount);
            }
        }
    }

    [Fact]
    public void What_it_forgot_does_not_matter_not_even_a_number_that_is_none()
    {
        const int heads = 2, headSize = 5, inputs = 3 * heads * headSize;
        var fuzz = new Fuzz(55);
        using var cache = new AttentionCache(heads, headSize, 70);
        cache.Clear(2);
        Add([.. Enumerable.Repeat(float.NaN, 2 * 70 * inputs)], 2, heads, cache, fuzz.Pool());
        cache.Clear(2);
        float[] rows = fuzz.Values(2 * 37 * inputs, 2);
        Bits.AssertSame(Whole(rows, 2, heads, heads, headSize, fuzz.Pool()), Add(rows, 2, heads, cache, fuzz.Pool()), $"after clearing");
    }

    [Fact]
    public void Memory_is_taken_as_positions_come()
    {
        using var cache = new AttentionCache(2, 16, 1_000_000);
        cache.Clear(3);
        Assert.Equal(0, cache.Bytes);
        Add(new float[3 * 10 * 96], 3, 2, cache, WorkerPool.Serial);
        Assert.Equal(3L * 2 * 64 * 2 * 16 * sizeof(float), cache.Bytes);
        Add(new float[3 * 55 * 96], 3, 2, cache, WorkerPool.Serial);
        Assert.Equal(3L * 2 * 128 * 2 * 16 * sizeof(float), cache.Bytes);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var cache = new AttentionCache(2, 4, 6);
        cache.Clear(1);
        using var tape = new Tape(_none, TapeMode.Inference);
        Tensor Input(int rows, int positions, int width) => tape.Create(new Shape(rows, positions, width));
        void Refused(Tensor x, int heads) => Assert.Throws<ShapeException>(() => CachedAttention.Apply(tape, x, heads, cache));
        Refused(Input(1, 7, 24), 2); // longer than the capacity
        Refused(Input(2, 3, 24), 2); // more rows
        Refused(Input(1, 3, 25), 2);
        Refused(Input(1, 3, 28), 3); // H_kv does not divide H
        Assert.Equal(0, cache.Length);
        using var records = new Tape(_none);
        Assert.Throws<InvalidOperationException>(
            () => CachedAttention.Apply(records, records.Create(new Shape(1, 1, 24)), 2, cache));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Select([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionCache(0, 4, 6));
    }

    private void Check(Fuzz fuzz, int batch, int positions, int heads, int keyValueHeads, int headSize)
    {
        int inputs = (heads + (2 * keyValueHeads)) * headSize, outputs = heads * headSize;
        float[] rows = fuzz.Values(batch * positions * inputs, 2), whole = Whole(rows, batch, heads, keyValueHeads, headSize, fuzz.Pool());
        using var cache = new AttentionCache(keyValueHeads, headSize, positions);
        cache.Clear(batch);
        for (int first = 0, count; first < positions; first += count)
        {
            count = Math.Min(positions - first, fuzz.Coin() ? 1 + fuzz.Below(3) : 1 + fuzz.Below(positions));
            float[] found = Add(Slice(rows, batch, positions, inputs, first, count), batch, heads, cache, fuzz.Pool());
            Bits.AssertSame(
                Slice(whole, batch, positions, outputs, first, count), found,
                $"[{batch}, {positions}, {heads} × {headSize}], {keyValueHeads} of keys, positions {first} to {first + count}");
        }
    }

    private static float[] Slice(float[] rows, int batch, int positions, int width, int first, int count) =>
        [.. Enumerable.Range(0, batch).SelectMany(row => rows.AsSpan(((row * positions) + first) * width, count * width).ToArray())];

    private float[] Add(ReadOnlySpan<float> rows, int batch, int heads, AttentionCache cache, WorkerPool pool)
    {
        using var tape = new Tape(_none, TapeMode.Inference, pool);
        int inputs = (heads + (2 * cache.KeyValueHeadCount)) * cache.HeadSize;
        Tensor x = tape.Create(new Shape(batch, rows.Length / batch / inputs, inputs), rows);
        return CachedAttention.Apply(tape, x, heads, cache).ToArray();
    }

    /// <summary>Attention over whole rows, in which each head has a copy of the keys and values that it shares.</summary>
    private float[] Whole(ReadOnlySpan<float> rows, int batch, int heads, int keyValueHeads, int headSize, WorkerPool pool)
    {
        int inputs = (heads + (2 * keyValueHeads)) * headSize, count = rows.Length / inputs;
        float[] apart = new float[count * 3 * heads * headSize];
        for (int row = 0; row < count; row++)
        {
            for (int head = 0; head < 3 * heads; head++)
            {
                int part = head / heads, shared = head % heads / (heads / keyValueHeads);
                int from = part == 0 ? head : heads + ((part - 1) * keyValueHeads) + shared;
                rows.Slice((row * inputs) + (from * headSize), headSize).CopyTo(apart.AsSpan(((row * 3 * heads) + head) * headSize));
            }
        }

        using var tape = new Tape(_none, TapeMode.Inference, pool);
        return CausalAttention.Apply(tape, tape.Create(new Shape(batch, count / batch, 3 * heads * headSize), apart), heads).ToArray();
    }
}
