namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>The largest of a row without NaN; −∞ for an empty one.</summary>
    public static float Max(ReadOnlySpan<float> x)
    {
        float max = float.NegativeInfinity;
        foreach (float value in x)
        {
            max = value > max ? value : max;
        }

        return max;
    }

    /// <summary>Σ e^(x − shift).</summary>
    public static float SumExp(ReadOnlySpan<float> x, float shift)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (int j = 0; j < x.Length; j++)
        {
            lanes[j % Lanes] += ExpOfNegative(x[j] - shift);
        }

        return SumOfLanes(lanes);
    }

    /// <summary>Σ (x − shift).</summary>
    public static float SumOfDifferences(ReadOnlySpan<float> x, float shift)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (int j = 0; j < x.Length; j++)
        {
            lanes[j % Lanes] += x[j] - shift;
        }

        return SumOfLanes(lanes);
    }

    /// <summary>The loss of a row of logits, and ln Σ e^z.</summary>
    public static (float Loss, float LogSum) CrossEntropy(ReadOnlySpan<float> z, int target, float smoothing = 0)
    {
        float max = Max(z), logSum = max + Log(SumExp(z, max)), loss = logSum - z[target];
        return smoothing == 0
            ? (loss, logSum)
            : (((1f - smoothing) * loss) + (smoothing * (-SumOfDifferences(z, logSum) / z.Length)), logSum);
    }

    /// <summary>
    /// (softmax(z) − onehot(target))·scale of a row, written or added; with smoothing, (softmax(z) − (1 − ε)·onehot − ε/V)·scale.
    /// </summary>
    public static void CrossEntropyBackward(
        ReadOnlySpan<float> z, int target, float logSum, float scale, bool accumulate, Span<float> dz, float smoothing = 0)
    {
        float wanted = smoothing / z.Length;
        for (int j = 0; j < z.Length; j++)
        {
            float slope = j == target
                ? (Exp(z[j] - logSum) - (smoothing == 0 ? 1f : 1f - smoothing + wanted)) * scale
                : smoothing == 0 ? ExpOfNegative(z[j] - logSum) * scale
                : (ExpOfNegative(z[j] - logSum) - wanted) * scale;
            dz[j] = accumulate ? dz[j] + slope : j == target ? 0f + slope : slope;
        }
    }

    /// <summary>
    /// From a query's raw scores to its weights, 0 for keys that it does not see: s·scale + bias, softmax over the keys it sees, dropout
    /// of those that are not kept (none where kept is null).
    /// </summary>
    public static (float Max, float InverseSum) AttentionWeights(
        Span<float> row, int seen, float scale, ReadOnlySpan<float> bias, bool[]? kept, float dropoutScale)
    {
        Scores(row, seen, scale, bias);
        float max = Max(row[..seen]);
        if (float.IsNegativeInfinity(max))
        {
            row.Clear();
            return (0f, 0f);
        }

        float inverseSum = 1f / SumExp(row[..seen], max);
        int vectors = (seen + Lanes - 1) / Lanes * Lanes;
        for (int j = 0; j < row.Length; j++)
        {
            // 0·inverseSum is 0, unless a score was NaN.
            float weight = (j < seen ? ExpOfNegative(row[j] - max) : 0f) * (j < vectors ? inverseSum : 0f);
            row[j] = kept is null ? weight : kept[j] ? weight * dropoutScale : 0f;
        }

        return (max, inverseSum);
    }

    /// <summary>
    /// From raw scores and dout·Vᵀ, both for whole vectors of keys, to the weights as they met the values and to the slopes of the
    /// scores.
    /// </summary>
    public static void AttentionSlopes(
        Span<float> row, Span<float> slopes, int seen, float scale, ReadOnlySpan<float> bias, float max, float inverseSum,
        bool[]? kept, float dropoutScale)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        Scores(row, seen, scale, bias);
        int vectors = (seen + Lanes - 1) / Lanes * Lanes;
        for (int j = 0; j < vectors; j++)
        {
            row[j] = j < seen ? ExpOfNegative(row[j] - max) * inverseSum : 0f * inverseSum;
            if (kept is not null)
            {
                slopes[j] = kept[j] ? slopes[j] * dropoutScale : 0f;
            }

            lanes[j % Lanes] = Fma(row[j], slopes[j], lanes[j % Lanes]);
        }

        float mean = SumOfLanes(lanes);
        for (int j = 0; j < row.Length; j++)
        {
            slopes[j] = j < vectors ? row[j] * (slopes[j] - mean) * scale : 0f;
            row[j] = j >= vectors ? 0f : kept is null ? row[j] : kept[j] ? row[j] * dropoutScale : 0f;
        }
    }

    private static void Scores(Span<float> row, int seen, float scale, ReadOnlySpan<float> bias)
    {
        for (int j = 0; j < seen; j++)
        {
            row[j] *= scale;
            if (!bias.IsEmpty)
            {
                row[j] += bias[j];
            }
        }
    }
}
