namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>
    /// The sum of each column of <c>[rows, columns]</c>: over the rows of each part in their order, the parts in the tree.
    /// </summary>
    public static float[] ColumnSums(ReadOnlySpan<float> x, int rows, int columns, int parts)
    {
        float[] sums = new float[columns], ofParts = new float[parts];
        int share = rows / parts;
        for (int j = 0; j < columns; j++)
        {
            for (int part = 0; part < parts; part++)
            {
                ofParts[part] = 0;
                for (int row = part * share; row < (part + 1) * share; row++)
                {
                    ofParts[part] += x[(row * columns) + j];
                }
            }

            sums[j] = Tree(ofParts);
        }

        return sums;
    }

    /// <summary>
    /// y = (x − mean)·scale·gain + bias of a row, and what the way back needs; without centering x·scale·gain, and a mean of 0.
    /// </summary>
    public static (float Mean, float Scale) Norm(
        bool centered, float epsilon, ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, Span<float> y)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        float share = 1f / x.Length;
        for (int j = 0; j < x.Length; j++)
        {
            lanes[j % Lanes] += x[j];
        }

        float mean = centered ? SumOfLanes(lanes) * share : 0;
        lanes.Clear();
        for (int j = 0; j < x.Length; j++)
        {
            float d = x[j] - mean;
            lanes[j % Lanes] = Fma(d, d, lanes[j % Lanes]);
        }

        float scale = 1f / MathF.Sqrt((SumOfLanes(lanes) * share) + epsilon);
        for (int j = 0; j < x.Length; j++)
        {
            float normal = (x[j] - mean) * scale;
            y[j] = centered ? Fma(normal, gain[j], bias[j]) : normal * gain[j];
        }

        return (mean, scale);
    }

    /// <summary>The slopes of a row's x: (g − mean(g) − x̂·mean(g·x̂))·scale with g = dy·gain; without centering mean(g) is 0.</summary>
    public static void NormBackward(
        bool centered, ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> dy, float mean, float scale, Span<float> dx)
    {
        Span<float> sums = stackalloc float[Lanes], dots = stackalloc float[Lanes];
        sums.Clear();
        dots.Clear();
        float share = 1f / x.Length;
        for (int j = 0; j < x.Length; j++)
        {
            float g = dy[j] * gain[j];
            sums[j % Lanes] += g;
            dots[j % Lanes] = Fma(g, (x[j] - mean) * scale, dots[j % Lanes]);
        }

        float meanG = centered ? SumOfLanes(sums) * share : 0, meanDot = SumOfLanes(dots) * share;
        for (int j = 0; j < x.Length; j++)
        {
            dx[j] = ((dy[j] * gain[j]) - Fma((x[j] - mean) * scale, meanDot, meanG)) * scale;
        }
    }

    /// <summary>Σ dy·x̂ of each column: a chain of fused multiply-adds over the rows of each part, the parts in the tree.</summary>
    public static float[] NormGainGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> dy, ReadOnlySpan<float> means, ReadOnlySpan<float> scales, int columns, int parts)
    {
        float[] sums = new float[columns], ofParts = new float[parts];
        int share = means.Length / parts;
        for (int j = 0; j < columns; j++)
        {
            for (int part = 0; part < parts; part++)
            {
                ofParts[part] = 0;
                for (int row = part * share; row < (part + 1) * share; row++)
                {
                    int at = (row * columns) + j;
                    ofParts[part] = Fma(dy[at], (x[at] - means[row]) * scales[row], ofParts[part]);
                }
            }

            sums[j] = Tree(ofParts);
        }

        return sums;
    }
}
