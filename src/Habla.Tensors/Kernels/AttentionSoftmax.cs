using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// What happens to a strip of attention scores between the matrix products: a row for each query of a block. Rows have room for whole
/// vectors; lanes that a query may not see are made −∞ in the scores and so 0 in the weights.
/// </summary>
/// <remarks>
/// Each stage goes through all rows before the next one begins: the sum or the largest number of a row is a chain of a hundred cycles,
/// and the processor works at several rows' chains at once only when no stage in between fills its window.
/// The row's maximum and inverse sum are kept instead of ln Σ e^s, from which the weights would have to be computed by a second
/// exponential on the way forward: with <see cref="VectorMath.ExpOfNegative"/> that took attention of the preset book from 8.1 to
/// 5.6 ms a step on one thread.
/// </remarks>
internal unsafe struct AttentionSoftmax
{
    /// <summary>The block's first query, how many there are, and from one row to the next.</summary>
    public int First, Rows, Stride;

    /// <summary>1/√D</summary>
    public float Scale;

    /// <summary>0 or −∞ for each key; null when none is masked.</summary>
    public float* Bias;

    /// <summary>The first key that each of the block's queries sees; null when all see the row from its start.</summary>
    public int* FirstKeys;

    /// <summary>Dropout's bits for the first query, so many words a query; null for no dropout.</summary>
    public ulong* Kept;

    public int WordsPerRow;

    /// <summary>1/(1 − p)</summary>
    public float DropoutScale;

    /// <summary>Where rows end, and up to where zeros are written: the keys that the block's last query sees.</summary>
    private readonly int Width => First + Rows;

    /// <summary>
    /// Scores become weights: P = e^(s − max)/Σ goes to <paramref name="weights"/>, P∘M with dropout's factors 0 or 1/(1 − p) stays in
    /// the strip.
    /// </summary>
    /// <param name="strip">The raw scores.</param>
    /// <param name="weights">Where to keep P; null for nowhere.</param>
    /// <param name="sums">
    /// Receives each row's maximum and inverse sum, from which <see cref="Again"/> computes P again; 0 and 0 when every key is masked.
    /// </param>
    public readonly void Forward(float* strip, float* weights, float* sums)
    {
        for (int i = 0; i < Rows; i++)
        {
            sums[2 * i] = Largest(i, strip + ((long)i * Stride));
        }

        for (int i = 0; i < Rows; i++)
        {
            sums[(2 * i) + 1] = Exponentials(strip + ((long)i * Stride), VectorsOf(i), ref sums[2 * i]);
        }

        for (int i = 0; i < Rows; i++)
        {
            Normalize(i, strip + ((long)i * Stride), weights is null ? null : weights + ((long)i * Stride), sums[(2 * i) + 1]);
        }
    }

    /// <summary>The weights P from raw scores once more, in place.</summary>
    /// <param name="strip">The raw scores.</param>
    /// <param name="sums">What <see cref="Forward"/> found.</param>
    public readonly void Again(float* strip, float* sums)
    {
        for (int i = 0; i < Rows; i++)
        {
            float* row = strip + ((long)i * Stride);
            Vector512<float> shift = Vector512.Create(sums[2 * i]), inverse = Vector512.Create(sums[(2 * i) + 1]);
            int vectors = VectorsOf(i);
            for (int v = 0; v < vectors; v++)
            {
                Vector512<float> score = Score(i, row, v);
                (VectorMath.ExpOfNegative(score - shift) * inverse).Store(row + (v * Lanes.Count));
            }

            ClearRest(row, vectors);
        }
    }

    /// <summary>
    /// From dout·Vᵀ to the slopes of the scores, P∘(dP − rowsum(P∘dP))/√D with dP = (dout·Vᵀ)∘M, and from P to P∘M if there is dropout.
    /// </summary>
    /// <param name="weights">P</param>
    /// <param name="slopes">dout·Vᵀ; become the slopes.</param>
    /// <param name="dropped">Receives P∘M if there is dropout; may be where P is.</param>
    public readonly void Backward(float* weights, float* slopes, float* dropped)
    {
        float* means = stackalloc float[Rows];
        for (int i = 0; i < Rows; i++)
        {
            means[i] = MeanSlope(i, weights + ((long)i * Stride), slopes + ((long)i * Stride));
        }

        for (int i = 0; i < Rows; i++)
        {
            Slopes(i, weights + ((long)i * Stride), slopes + ((long)i * Stride), dropped + ((long)i * Stride), means[i]);
        }
    }

    /// <summary>Raw scores become s/√D + bias. Returns the largest.</summary>
    private readonly float Largest(int i, float* row)
    {
        Vector512<float> largest = Vector512.Create(float.NegativeInfinity);
        int vectors = VectorsOf(i);
        for (int v = 0; v < vectors; v++)
        {
            Vector512<float> score = Score(i, row, v);
            score.Store(row + (v * Lanes.Count));
            largest = Vector512.MaxNative(largest, score);
        }

        return Lanes.Max(largest);
    }

    /// <summary>Scores become e^(s − max). Returns 1/Σ.</summary>
    private static float Exponentials(float* row, int vectors, ref float max)
    {
        if (float.IsNegativeInfinity(max) && !HasNaN(row, vectors))
        {
            // Every key in sight is padding.
            max = 0;
            new Span<float>(row, vectors * Lanes.Count).Clear();
            return 0;
        }

        Vector512<float> shift = Vector512.Create(max), sum = default;
        for (int v = 0; v < vectors; v++)
        {
            Vector512<float> e = VectorMath.ExpOfNegative(Vector512.Load(row + (v * Lanes.Count)) - shift);
            e.Store(row + (v * Lanes.Count));
            sum += e;
        }

        return 1f / Lanes.Sum(sum);
    }

    /// <summary>e^(s − max) becomes P in <paramref name="weights"/> and P∘M in the row.</summary>
    private readonly void Normalize(int i, float* row, float* weights, float inverseSum)
    {
        Vector512<float> inverse = Vector512.Create(inverseSum), dropout = Vector512.Create(DropoutScale);
        int vectors = VectorsOf(i);
        for (int v = 0; v < vectors; v++)
        {
            Vector512<float> weight = Vector512.Load(row + (v * Lanes.Count)) * inverse;
            if (weights is not null)
            {
                weight.Store(weights + (v * Lanes.Count));
            }

            (Kept is null ? weight : DropoutKernel.Keep(weight * dropout, BitsOf(i, v))).Store(row + (v * Lanes.Count));
        }

        ClearRest(row, vectors);
        if (weights is not null)
        {
            ClearRest(weights, vectors);
        }
    }

    /// <summary>dout·Vᵀ becomes dP. Returns rowsum(P∘dP).</summary>
    private readonly float MeanSlope(int i, float* weights, float* slopes)
    {
        Vector512<float> dropout = Vector512.Create(DropoutScale), dot = default;
        int vectors = VectorsOf(i);
        for (int v = 0; v < vectors; v++)
        {
            Vector512<float> slope = Vector512.Load(slopes + (v * Lanes.Count));
            if (Kept is not null)
            {
                slope = DropoutKernel.Keep(slope * dropout, BitsOf(i, v));
                slope.Store(slopes + (v * Lanes.Count));
            }

            dot = Vector512.FusedMultiplyAdd(Vector512.Load(weights + (v * Lanes.Count)), slope, dot);
        }

        return Lanes.Sum(dot);
    }

    /// <summary>dP becomes P∘(dP − mean)/√D.</summary>
    private readonly void Slopes(int i, float* weights, float* slopes, float* dropped, float meanSlope)
    {
        Vector512<float> mean = Vector512.Create(meanSlope), scale = Vector512.Create(Scale);
        Vector512<float> dropout = Vector512.Create(DropoutScale);
        int vectors = VectorsOf(i);
        for (int v = 0; v < vectors; v++)
        {
            Vector512<float> weight = Vector512.Load(weights + (v * Lanes.Count));
            (weight * (Vector512.Load(slopes + (v * Lanes.Count)) - mean) * scale).Store(slopes + (v * Lanes.Count));
            if (Kept is not null)
            {
                DropoutKernel.Keep(weight * dropout, BitsOf(i, v)).Store(dropped + (v * Lanes.Count));
            }
        }

        ClearRest(slopes, vectors);
        if (Kept is not null)
        {
            ClearRest(dropped, vectors);
        }
    }

    /// <summary>s/√D + bias; −∞ in the lanes of keys that are not seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector512<float> Score(int i, float* row, int vector)
    {
        int first = vector * Lanes.Count, count = First + i + 1 - first;
        Vector512<float> score = Vector512.Load(row + first) * Vector512.Create(Scale);
        if (Bias is not null)
        {
            score += Lanes.Load(Bias + first, Math.Min(count, Lanes.Count));
        }

        if (FirstKeys is not null && FirstKeys[i] > first)
        {
            Vector512<float> hidden = Lanes.FirstLanes(Math.Min(FirstKeys[i] - first, Lanes.Count));
            score = Vector512.ConditionalSelect(hidden, Vector512.Create(float.NegativeInfinity), score);
        }

        return count >= Lanes.Count
            ? score
            : Vector512.ConditionalSelect(Lanes.FirstLanes(count), score, Vector512.Create(float.NegativeInfinity));
    }

    /// <summary>The largest number does not tell: it may come from a lane beside the NaN, which then has to fill the row itself.</summary>
    private static bool HasNaN(float* row, int vectors)
    {
        foreach (float score in new ReadOnlySpan<float>(row, vectors * Lanes.Count))
        {
            if (float.IsNaN(score))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many vectors hold the keys that a row's query sees.</summary>
    private readonly int VectorsOf(int row) => (First + row + Lanes.Count) / Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong BitsOf(int row, int vector) =>
        Kept[((long)row * WordsPerRow) + (vector / 4)] >> (vector % 4 * Lanes.Count);

    private readonly void ClearRest(float* row, int vectors)
    {
        for (int j = vectors * Lanes.Count; j < Width; j += Lanes.Count)
        {
            Vector512<float>.Zero.Store(row + j);
        }
    }
}
