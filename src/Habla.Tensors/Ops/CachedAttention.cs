using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// <see cref="CausalAttention"/> of the positions that come next over these and all that an <see cref="AttentionCache"/> holds; their
/// keys and values are added to it. Gives the bits that a pass over all positions would have. For inference: there is no way back.
/// </summary>
public static unsafe class CachedAttention
{
    // Below this many multiply-adds a job costs more to hand out than to do: with one query the sums wait for each other.
    private const long SharedFrom = 1 << 16;

    /// <summary>Attends, and adds to the cache.</summary>
    /// <param name="tape">A tape for inference in float32.</param>
    /// <param name="queryKeyValue">
    /// <c>[B, n, (H + 2·H_kv)·D]</c>: queries, keys, values of the n positions that follow those in the cache, side by side.
    /// </param>
    /// <param name="headCount">H, a multiple of the cache's H_kv.</param>
    /// <param name="cache">Has B rows; holds n positions more afterwards.</param>
    /// <returns><c>[B, n, H·D]</c></returns>
    /// <exception cref="ShapeException">The shapes do not fit, or the cache has no room for n more positions.</exception>
    /// <exception cref="ArgumentException">The tensor was made on another tape, or before this one was reset.</exception>
    /// <exception cref="InvalidOperationException">The tape records, or is not in float32.</exception>
    public static Tensor Apply(Tape tape, Tensor queryKeyValue, int headCount, AttentionCache cache)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(cache);
        tape.RequireOwn(queryKeyValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headCount);
        if (tape.Records || tape.Format != ActivationFormat.Float32)
        {
            throw new InvalidOperationException("attention with a cache has no way back and computes in float32: use a tape for inference");
        }

        Shape x = queryKeyValue.Shape;
        int d = cache.HeadSize, keyValueHeads = cache.KeyValueHeadCount;
        if (x.Rank != 3 || headCount % keyValueHeads != 0 || x[2] != (headCount + (2L * keyValueHeads)) * d || x[0] != cache.RowCount)
        {
            throw new ShapeException(
                $"attention with a cache: {x} with {headCount} heads does not fit a cache of {cache.RowCount} rows with "
                + $"{keyValueHeads} heads of {d}: x is [rows, n, (H + 2·H_kv) × D], and H_kv divides H");
        }

        int positions = x[1], first = cache.Length;
        if (first + (long)positions > cache.Capacity)
        {
            throw new ShapeException(
                $"attention with a cache: {positions} positions after {first} are more than its capacity of {cache.Capacity}");
        }

        cache.MakeRoom(first + positions);
        Tensor output = tape.CreateOutput(new Shape(x[0], positions, headCount * d));
        var rows = (nint*)tape.AllocateFloats(x[0] * (sizeof(nint) / sizeof(float)));
        for (int row = 0; row < x[0]; row++)
        {
            rows[row] = (nint)cache.Row(row);
        }

        var work = new CachedAttentionForward
        {
            Positions = positions, First = first, Heads = headCount, KeyValueHeads = keyValueHeads, HeadSize = d,
            Room = cache.Room, ValueStride = cache.ValueStride, HeadStride = cache.HeadStride,
            QueryKeyValue = queryKeyValue.DataPointer, Output = output.DataPointer, Rows = rows,
        };
        int pieces = x[0] * keyValueHeads;
        if ((long)output.Shape.Count * (first + positions) >= SharedFrom)
        {
            tape.Pool.For(pieces, work);
        }
        else
        {
            for (int piece = 0; piece < pieces; piece++)
            {
                work.Run(piece);
            }
        }

        cache.Advance(positions);
        tape.Stores(output);
        GC.KeepAlive(cache);
        return output;
    }
}
