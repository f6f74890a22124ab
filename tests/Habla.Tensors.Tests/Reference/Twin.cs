namespace Habla.Tensors.Tests.Reference;

/// <summary>
/// The kernels again, as plain loops over one number at a time: the same arithmetic in the same order, so with the same bits, and
/// with nothing that depends on a machine's vectors, on alignment, on tiles or on threads. Where a kernel sums along a row, its 16
/// virtual lanes are an array of 16 here.
/// </summary>
internal static partial class Twin
{
    public const int Lanes = 16;

    /// <summary>The sum of 16 lanes, pairwise: 16 → 8 → 4 → 2 → 1.</summary>
    public static float SumOfLanes(Span<float> lanes)
    {
        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        return lanes[0];
    }

    /// <summary>The fixed tree: ((g₀ + g₁) + (g₂ + g₃)) + …, cut where the left side is the largest power of two.</summary>
    public static float Tree(ReadOnlySpan<float> parts)
    {
        if (parts.Length == 1)
        {
            return parts[0];
        }

        int left = 1;
        while (2 * left < parts.Length)
        {
            left *= 2;
        }

        return Tree(parts[..left]) + Tree(parts[left..]);
    }

    private static float Fma(float x, float y, float sum) => MathF.FusedMultiplyAdd(x, y, sum);
}
