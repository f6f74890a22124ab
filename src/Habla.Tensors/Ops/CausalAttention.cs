using Habla.Tensors.Kernels;

namespace Habla.Tensors.Ops;

/// <summary>
/// Causal multi-head self-attention: for each head, out = dropout(softmax(Q·Kᵀ/√D + mask))·V, where a query sees the keys up to
/// its own position that the mask allows. A query that sees no key gives zeros.
/// Backward, with P the softmax, M the dropout factors and D the head size:
/// dV = (P∘M)ᵀ·dout, dP = (dout·Vᵀ)∘M, dS = P∘(dP − rowsum(P∘dP)), dQ = dS·K/√D, dK = dSᵀ·Q/√D.
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
    /// <param name="queryKeyValue"><c>[B, T, 3C]</c>: queries, keys, values side by side, each of heads × D.</param>
    /// <param name="headCount">H; divides C.</param>
    /// <param name="mask">Which keys are padding, and where the keys of each query begin; by default nothing is hidden.</param>
    /// <param name="dropout">The probability of dropping an attention weight, in [0, 1); default 0.</param>
    /// <returns><c>[B, T, C]</c></returns>
    /// <exception cref="ShapeException">The width is not 3 × heads × D, or the mask is not [B, T].</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="headCount"/> is less than 1, or <paramref name="dropout"/> is outside [0, 1).
    /// </exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(
        Tape tape, Tensor queryKeyValue, int headCount, AttentionMask mask = default, float dropout = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(queryKeyValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headCount);
        if (dropout is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "attention: dropout's probability must be in [0, 1)");
        }

        Shape x = queryKeyValue.Shape;
        if (x.Rank != 3 || x[2] % (3L * headCount) != 0)
        {
            throw new ShapeException($"causal attention: {x} with {headCount} heads does not fit: x is [B, T, 3 × heads × D]");
        }

        mask.Check(x[0], x[1]);

        var shape = new AttentionShape(x[0], x[1], headCount, x[2] / (3 * headCount));
        Tensor output = tape.CreateOutput(new Shape(x[0], x[1], x[2] / 3));
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
            shape.Batch * shape.Heads,
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
            _shape.Batch * _shape.Heads,
            new AttentionBackward
            {
                Shape = _shape, Format = tape.Format, Dropout = _dropout, Memory = _memory, QueryKeyValue = _queryKeyValue.PartsToRead,
                KeyBias = _keyBias, FirstKeys = _firstKeys, OutputGradient = Output.GradientPartsToRead, Gradient = gradient,
                Accumulate = accumulate,
            });
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
