using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Causal multi-head self-attention: for each head, out = dropout(softmax(Q·Kᵀ/√D + mask))·V, where a query sees the keys up to
/// its own position that the mask allows. A query that sees no key gives zeros.
/// Backward, with P the softmax, M the dropout factors and D the head size:
/// dV = (P∘M)ᵀ·dout, dP = (dout·Vᵀ)∘M, dS = P∘(dP − rowsum(P∘dP)), dQ = dS·K/√D, dK = dSᵀ·Q/√D.
/// With fewer heads of keys and values, each serves H / H_kv neighbouring heads of queries, and dK and dV are the sums over these.
/// </summary>
/// <remarks>
/// Vaswani et al., "Attention is all you need", 2017. Each block of queries has a strip of scores. Beyond 64 positions no T × T matrix
/// is kept: the way back computes the strip again from the saved maximum and sum of each row (Dao, "FlashAttention-2", 2023).
/// </remarks>
public sealed unsafe class CausalAttention : Operation
{
    private Tensor _queryKeyValue = null!;
    private AttentionShape _shape;
    private AttentionDropout _dropout;
    private AttentionMemory _memory;
    private float* _keyBias;
    private int* _firstKeys;

    /// <summary>Attends.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="queryKeyValue">
    /// <c>[B, T, (H + 2·H_kv)·D]</c>: queries, keys, values side by side; <c>[B, T, 3C]</c> when H_kv = H.
    /// </param>
    /// <param name="headCount">H</param>
    /// <param name="mask">Which keys are padding, and where the keys of each query begin; by default nothing is hidden.</param>
    /// <param name="dropout">The probability of dropping an attention weight, in [0, 1); default 0.</param>
    /// <param name="keyValueHeadCount">H_kv, heads of keys and of values; divides H. Default 0: as many as heads.</param>
    /// <returns><c>[B, T, C]</c>, C = H·D</returns>
    /// <exception cref="ShapeException">
    /// The width is not (H + 2·H_kv) × D, H_kv does not divide H, or the mask is not [B, T].
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="headCount"/> is less than 1, <paramref name="keyValueHeadCount"/> is negative, or <paramref name="dropout"/> is
    /// outside [0, 1).
    /// </exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(
        Tape tape, Tensor queryKeyValue, int headCount, AttentionMask mask = default, float dropout = 0, int keyValueHeadCount = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(queryKeyValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headCount);
        ArgumentOutOfRangeException.ThrowIfNegative(keyValueHeadCount);
        if (dropout is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "attention: dropout's probability must be in [0, 1)");
        }

        AttentionShape shape = ShapeOf(queryKeyValue.Shape, headCount, keyValueHeadCount == 0 ? headCount : keyValueHeadCount);
        mask.Check(shape.Batch, shape.Positions);
        Tensor output = tape.CreateOutput(new Shape(shape.Batch, shape.Positions, shape.Width));
        AttentionMemory memory = tape.Records
            ? AttentionMemory.In(tape.AllocateFloats(AttentionMemory.SizeFor(shape, tape.Format)), shape, tape.Format)
            : default;
        float* keyBias = mask.RealKeys.IsEmpty ? null : BiasOf(tape, mask.RealKeys);
        int* firstKeys = mask.FirstKeys.IsEmpty ? null : Kept(tape, mask.FirstKeys);
        AttentionDropout masks = default;
        if (dropout > 0 && tape.Dropout is { } source)
        {
            var kept = (ulong*)tape.AllocateFloats(2 * AttentionDropout.WordCount(shape));
            masks = new AttentionDropout(source.Random, source.NextSite(AttentionDropout.GroupsPerSample(shape)), dropout, kept);
        }

        tape.Pool.For(
            shape.Batch * shape.KeyValueHeads,
            new AttentionForward
            {
                Shape = shape, Format = tape.Format, Dropout = masks, Memory = memory, KeyBias = keyBias,
                FirstKeys = firstKeys, QueryKeyValue = queryKeyValue.PartsToRead, Output = output.PartsToWrite(),
            });
        if (tape.Stores(output))
        {
            var operation = tape.Record<CausalAttention>(output);
            (operation._queryKeyValue, operation._shape, operation._dropout) = (queryKeyValue, shape, masks);
            operation._memory = memory;
            operation._keyBias = keyBias;
            operation._firstKeys = firstKeys;
        }

        return output;
    }

    internal override void Backward(Tape tape)
    {
        TensorParts gradient = _queryKeyValue.GradientPartsToWrite(out bool accumulate);
        tape.Pool.For(
            _shape.Batch * _shape.KeyValueHeads,
            new AttentionBackward
            {
                Shape = _shape, Format = tape.Format, Dropout = _dropout, Memory = _memory, QueryKeyValue = _queryKeyValue.PartsToRead,
                KeyBias = _keyBias, FirstKeys = _firstKeys, OutputGradient = Output.GradientPartsToRead, Gradient = gradient,
                Accumulate = accumulate,
            });
    }

    private static AttentionShape ShapeOf(Shape x, int heads, int keyValueHeads)
    {
        long columns = heads + (2L * keyValueHeads);
        if (x.Rank == 3 && x[2] % columns == 0 && heads % keyValueHeads == 0)
        {
            return new AttentionShape(x[0], x[1], heads, (int)(x[2] / columns), keyValueHeads);
        }

        throw new ShapeException(
            heads == keyValueHeads
                ? $"causal attention: {x} with {heads} heads does not fit: x is [B, T, 3 × heads × D]"
                : $"causal attention: {x} with {heads} heads, {keyValueHeads} of them with keys and values, does not fit: "
                    + "x is [B, T, (heads + 2 × those) × D], and their number divides that of the heads");
    }

    /// <summary>0 for a real key, −∞ for padding: added to the scores, it makes the weight exactly 0.</summary>
    private static float* BiasOf(Tape tape, ReadOnlySpan<bool> keyMask)
    {
        float* bias = tape.AllocateFloats(keyMask.Length);
        for (int i = 0; i < keyMask.Length; i++)
        {
            bias[i] = keyMask[i] ? 0f : float.NegativeInfinity;
        }

        return bias;
    }

    /// <summary>The first keys, in memory that lasts until the way back.</summary>
    private static int* Kept(Tape tape, ReadOnlySpan<int> firstKeys)
    {
        var kept = (int*)tape.AllocateFloats(firstKeys.Length);
        firstKeys.CopyTo(new Span<int>(kept, firstKeys.Length));
        return kept;
    }
}
