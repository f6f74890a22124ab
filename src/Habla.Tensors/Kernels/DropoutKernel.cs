using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>Multiplies numbers by 0 or 1/(1 − p), as the random words of their places say.</summary>
internal static unsafe class DropoutKernel
{
    /// <summary>A word below this means "drop": p·2³², so that the chance is p to within 2⁻³².</summary>
    public static uint Threshold(float probability) => (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);

    /// <summary>How many counter blocks a stretch of numbers uses: whole groups, so that stretches never share one.</summary>
    public static long BlocksFor(long count) =>
        (count + PhiloxLanes.Numbers - 1) / PhiloxLanes.Numbers * PhiloxLanes.Blocks;

    /// <summary>y = x·mask/(1 − p), or y += x·mask/(1 − p). In place is allowed.</summary>
    public static void Apply(
        float* x, float* y, long count, in SeededRandom random, ulong firstBlock, float probability, bool accumulate = false)
    {
        Vector512<uint> threshold = Vector512.Create(Threshold(probability));
        Vector512<float> scale = Vector512.Create(1f / (1f - probability));
        for (long i = 0; i < count; i += PhiloxLanes.Numbers, firstBlock += PhiloxLanes.Blocks)
        {
            PhiloxLanes.Words(
                random, firstBlock, out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3);
            Mask(x, y, i, count, w0, threshold, scale, accumulate);
            Mask(x, y, i + 16, count, w1, threshold, scale, accumulate);
            Mask(x, y, i + 32, count, w2, threshold, scale, accumulate);
            Mask(x, y, i + 48, count, w3, threshold, scale, accumulate);
        }
    }

    private static void Mask(
        float* x, float* y, long i, long count,
        Vector512<uint> words, Vector512<uint> threshold, Vector512<float> scale, bool accumulate)
    {
        int width = (int)Math.Min(Lanes.Count, count - i);
        if (width <= 0)
        {
            return;
        }

        Vector512<float> keep = Vector512.GreaterThanOrEqual(words, threshold).AsSingle();
        Vector512<float> factor = keep & scale;
        Vector512<float> result = Lanes.Load(x + i, width) * factor;
        Lanes.Store(accumulate ? Lanes.Load(y + i, width) + result : result, y + i, width);
    }
}
